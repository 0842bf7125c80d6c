"""HTTP as pages: parse, call one use case, render."""
