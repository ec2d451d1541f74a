"""A reranker that is kept beside its encoder: what it was fitted on, where it lies, and requests to fit it on."""
