"""How much the static checks catch, and how often they are wrong: defects put into real packages one at a time."""
