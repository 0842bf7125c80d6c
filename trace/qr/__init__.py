"""Package codes, label runs, symbols and label sheets; pure, opens nothing."""
