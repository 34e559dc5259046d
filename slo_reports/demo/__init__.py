"""A small shop with a known month, run through the real job.

What others use of it:

- ``shop.demo_shop()`` and ``shop.small_shop(names, period)``: what is generated.
- ``world.bring_to_life(shop)``: its series and its truth, in memory.
- ``places.find_tools()``, ``storage.prepare(shop, tools)``: blocks and ``truth.json`` on disk.
- ``prometheus.running_prometheus(binary, blocks)``, ``mailbox.receiving_smtp(folder)``: real
  servers for as long as a ``with`` lasts.
- ``recorded.RecordingTransport``, ``recorded.ReplayTransport``: the month without a server.
- ``places.demo_config()``, ``places.recording_file()``: the files that ship with the package.
"""
