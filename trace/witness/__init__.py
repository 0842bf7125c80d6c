"""A witness of other logs: it cosigns a checkpoint only when it continues the last one seen (C2SP tlog-witness)."""
