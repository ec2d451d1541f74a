"""The way to a chat model: factory, offline model, call ledger, limits, usage, prices."""
