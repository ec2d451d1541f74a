"""The recsys's chair: whatever recommends in place of a chat model, behind one port: a view in, ranked tracks out."""
