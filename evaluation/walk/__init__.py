"""How well a retriever finds what people came to like in conversations: CPCD's scores, and a study of all parts."""
