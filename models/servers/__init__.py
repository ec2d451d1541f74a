"""Servers that models are asked on: what one is, how firmly answers are asked for there, and streams of them."""
