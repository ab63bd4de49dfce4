"""The power fails in the middle of a load: a copy of the file system's image, taken at one moment, is what the disk has then.
What was committed before that moment is in it. WEIR_POWER_CUTS sets how many copies are taken."""
import os
import random
import shutil
import signal
import subprocess
import time

from case import InteropCase
from collector import BUILD, Collector, query_totals, wait_until

CUTS = int(os.environ.get("WEIR_POWER_CUTS", "3"))
RATE = 20_000  # records per second
IMAGE_MB = 96 + 32 * CUTS


def done(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


class PowerCut(InteropCase):
    def mount(self, image, folder):
        folder.mkdir(exist_ok=True)
        tried = done("mount", "-o", "loop", image, folder)
        if tried.returncode != 0:
            self.skipTest("an image of a file system cannot be mounted here: " + tried.stderr.strip())
        self.addCleanup(done, "umount", "-l", folder)

    def test_what_was_committed_is_on_the_disk(self):
        image, disk = self.folder / "disk.img", self.folder / "disk"
        with open(image, "wb") as file:
            file.truncate(IMAGE_MB << 20)
        if done("mkfs.ext4", "-q", image).returncode != 0:
            self.skipTest("mkfs.ext4 is not here")
        self.mount(image, disk)
        collector = Collector(disk / "data", options=[])
        self.addCleanup(collector.end)
        collector.start()
        load = subprocess.Popen([str(BUILD / "flow_sender"), "--port", str(collector.udp_port), "--records", str(RATE * 600), "--rate", str(RATE)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(load.kill)
        wait_until("committed records", lambda: query_totals(collector.data)["flows"] > 3 * RATE, 60)
        chance = random.Random(1)
        worst = 0.0
        for cut in range(CUTS):
            time.sleep(chance.uniform(0, 2))
            committed = query_totals(collector.data)["flows"]
            copy = self.folder / "copy.img"
            # What the disk has at this moment, without what the file system still holds in memory.
            collector.process.send_signal(signal.SIGSTOP)
            shutil.copyfile(image, copy)
            collector.process.send_signal(signal.SIGCONT)
            power_is_back = self.folder / f"after-{cut}"
            self.mount(copy, power_is_back)
            found = query_totals(power_is_back / "data")["flows"]
            done("umount", power_is_back)
            behind = max(0.0, (committed - found) / RATE)
            worst = max(worst, behind)
            print(f"         cut {cut + 1}: {committed} records were committed before it, {found} are there: {behind:.2f} s lost", flush=True)
            self.assertGreaterEqual(found, committed)
        print(f"         worst of {CUTS} cuts: {worst:.2f} s of committed records lost", flush=True)
        load.kill()
        load.wait()
        self.assertEqual(collector.stop(), 0)
