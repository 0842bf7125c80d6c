"""The room that reads clerks' workbooks and CSV."""
