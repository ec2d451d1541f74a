"""Pages over a store, served on this machine alone. They read through the face of the library and know no more."""
