"""Turn judged runs into a report, its tables, its page and a verdict."""
