"""Read questions: gold files, SQuAD files and judged collections."""
