"""The database: dialects, tables, statements, transactions and the one writer."""
