"""Simulated carriers and brokers over the socket door: shipments sent with repeats and conflicts, filed, confirmed, through a kill of the
gateway in between; the checker ends the run."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))

import fault_run  # noqa: E402
from fault_run import ended, eventually  # noqa: E402


class Socket(unittest.TestCase):
    SHIPMENTS = 30

    def test_shipments_are_filed_once_through_a_restart(self):
        run = fault_run.FaultRun(self.SHIPMENTS, carriers=2, filers=2, lease=5)
        self.addCleanup(run.close)
        brokers = run.file(transport="socket", mode=[f"{filer}=answering" for filer in run.filers])
        carriers = run.send(transport="socket", connections=2, rate=60, repeats=0.2, conflicts=0.1)
        self.assertTrue(eventually(lambda: len(run.lines("brokers")) >= 5))
        run.gateway.kill()
        run.faults += 1
        run.gateway.start()
        sent = ended(carriers)
        self.assertTrue(eventually(run.settled), run.filings())
        filed = ended(brokers, stop=True)
        self.assertEqual((sent["transport"], filed["transport"]), ("socket", "socket"))
        self.assertGreater(sent["repeats"], 0)
        self.assertGreater(sent["conflicts"], 0)
        self.assertEqual((sent["refused"], sent["different_receipts"], sent["conflicts_taken"]), (0, 0, 0))
        self.assertGreaterEqual(filed["effects"], 2 * self.SHIPMENTS)
        self.assertGreater(filed["answers"], 0)
        # The brokers are connected again: a filing that was offered before the kill has come twice, or all came after it.
        self.assertGreater(filed["connections"], len(run.filers))
        print(run.verify())


if __name__ == "__main__":
    unittest.main(verbosity=2)
