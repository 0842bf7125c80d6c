"""What is measured: each figure beside a reference of the same run; ``python -m bench`` or ``make bench``."""
