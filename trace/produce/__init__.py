"""MEANING: events, the books' state and the rules; pure, opens nothing."""
