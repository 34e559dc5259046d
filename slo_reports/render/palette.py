"""The colours of all charts: safe for the colour-blind and apart in greyscale.

Blue against vermilion differs in hue for every kind of colour vision and in lightness on a grey
print; shapes and words say the same again. ``templates/report.css`` holds the dark counterparts,
by these very values.
"""

INK = "#14213d"
TEXT = "#2b3648"
MUTED = "#5a6577"
RULE = "#d8dee7"
TRACK = "#e4e8ef"
PAPER = "#ffffff"
BLUE = "#0b5cad"
SKY = "#8db9e3"
WASH = "#e3edf8"
STEEL = "#9aa5b4"
AMBER = "#c77700"
RED = "#b8321a"
BLUSH = "#fdf6f3"
BAND = "#f9e3dc"
"""The span of an incident behind a line."""

DAY_FILLS = ("#e3edf8", "#bcd5ee", "#7fb0dd", "#e9a45c", "#b8321a")
"""Days by the share of one day's even budget that they used, least first."""
