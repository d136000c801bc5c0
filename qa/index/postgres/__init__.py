"""Keep an index in PostgreSQL with pgvector, for several processes and machines at once."""
