"""
Whole seasons made up from a seed, with mistakes, and what a correct import makes of each of their rows.

``crops`` grows a season without a mistake, ``mistakes`` plants them, ``files`` writes the tables as clerks keep them.
"""
