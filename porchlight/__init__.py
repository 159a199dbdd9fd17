"""The `porchlight` command: everything the business and its operators run by hand."""
