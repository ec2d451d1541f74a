"""TalkPlay (Doh, Choi and Nam, 2025): tracks as tokens of a language model, which recommends by writing them."""
