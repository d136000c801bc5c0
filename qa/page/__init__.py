"""Hold the parts of the page that ``qa ui`` serves; `qa.ui` opens it."""
