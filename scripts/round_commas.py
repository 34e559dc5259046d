"""Put Inter's round commas and quotes (its ``ss03``) among what is always on (``calt``).

``python scripts/round_commas.py templates/fonts/Inter-*.ttf`` changes the files in place; files
that have it already stay as they are. Asked for in CSS, it costs a tenth of the time of every PDF,
because each word then carries a list of attributes, and 0.4 MB that are never given back.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont


def lookups(table: object, tag: str) -> list[int]:
    """The lookups of a feature, wherever it stands."""
    records = table.FeatureList.FeatureRecord
    return sorted(
        {n for one in records if one.FeatureTag == tag for n in one.Feature.LookupListIndex}
    )


def change(path: Path) -> bool:
    """Whether a file was changed."""
    font = TTFont(path, recalcTimestamp=False)
    table = font["GSUB"].table
    added, before = lookups(table, "ss03"), lookups(table, "calt")
    if not added or set(added) <= set(before):
        return False
    for one in table.FeatureList.FeatureRecord:
        if one.FeatureTag == "calt":
            feature = one.Feature
            feature.LookupListIndex = sorted({*feature.LookupListIndex, *added})
            feature.LookupCount = len(feature.LookupListIndex)
    font.save(path)
    return True


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, "changed" if change(Path(name)) else "left as it is")
