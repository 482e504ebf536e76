"""What TensorBoard reads in our event files, and what its own writer makes of the same events.

write-ours.ts is to be run first.

    python make.py

Written with the versions recorded in versions.json.
"""

import json
import pathlib
import platform

import google.protobuf
import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = pathlib.Path(__file__).parent
OURS = HERE / "ours" / "tensorboard"

read = {}
for path in sorted(OURS.rglob("events.out.tfevents.*")):
    name = path.parent.relative_to(OURS).as_posix()
    events = list(LegacyEventFileLoader(str(path)).Load())
    assert events[0].file_version == "brain.Event:2", path
    read[name] = [
        {"step": e.step, "wall_time": e.wall_time, "scalars": {v.tag: v.simple_value for v in e.summary.value}}
        for e in events[1:]
    ]
    # What the charts show.
    accumulator = EventAccumulator(str(path.parent))
    accumulator.Reload()
    for tag in accumulator.Tags()["scalars"]:
        shown = [(s.step, s.value) for s in accumulator.Scalars(tag)]
        assert shown == [(e["step"], e["scalars"][tag]) for e in read[name] if tag in e["scalars"]], (name, tag)
    theirs = HERE / "theirs" / f"{name.replace('.', 'population')}.tfevents"
    theirs.parent.mkdir(exist_ok=True)
    with open(theirs, "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=events[0].wall_time, file_version="brain.Event:2").SerializeToString())
        for e in read[name]:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in e["scalars"].items()]
            event = Event(wall_time=e["wall_time"], step=e["step"], summary=Summary(value=values))
            writer.write(event.SerializeToString())
        writer.flush()
(HERE / "read.json").write_text(json.dumps(read, indent=2) + "\n")
versions = {
    "python": platform.python_version(),
    "tensorboard": tensorboard.__version__,
    "protobuf": google.protobuf.__version__,
}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
