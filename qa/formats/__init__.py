"""Read the text of PDF, DOCX, HTML, XLSX, CSV and EML files, and where it stands in them."""
