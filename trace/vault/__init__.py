"""What does not follow from the entries: disclosures, run secrets, custody keys, the row-to-event map."""
