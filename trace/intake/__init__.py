"""Clerks' workbooks and CSV files, read into rows and planned as events."""
