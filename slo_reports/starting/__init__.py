"""The first hour: what ``init`` asks, sees and writes.

- ``zones.system_zone()``: the machine's time zone.
- ``probing.probe(client, now)``: what a source is and how far its data go.
- ``defining.define(...)``: definitions out of files, out of Sloth's rules, out of the metrics.
- ``texts.files_of(...)``: the files of a folder; ``placing.place(...)`` writes them, all or none.
"""
