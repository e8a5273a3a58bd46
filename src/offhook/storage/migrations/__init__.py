"""How the schema came to be, one step a file; run by `upgrade`, never by hand."""
