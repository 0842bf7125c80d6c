"""HTTP as JSON: parse, call one use case, render."""
