"""The 80-column lines that `puente translate` prints are those worked out by hand in expected/ (see the README there)."""

import difflib
import pathlib
import subprocess
import sys
import unittest

PUENTE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
EXPECTED = pathlib.Path(__file__).parent / "expected"
GOLDEN = SOURCE / ".." / "shared" / "reference" / "crosswalk" / "golden"
SAMPLES = SOURCE / "deploy" / "samples"


def translate(kind, documents, partners, catalog, notice, trust):
    done = subprocess.run([PUENTE, "translate", "--partners", partners, "--catalog", catalog, "--notice", notice, "--trust", trust,
                           "--to", kind, *sorted(documents.glob("*.xml"))], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Records(unittest.TestCase):
    def compare(self, case, kind, *arguments):
        code, printed, said = translate(kind, *arguments)
        wanted = (EXPECTED / f"{case}.{kind}.txt").read_text()
        self.assertEqual(code, 0, said)
        difference = "\n".join(difflib.unified_diff(wanted.splitlines(), printed.splitlines(), "expected", "printed", lineterm=""))
        self.assertEqual(difference, "", f"{case}.{kind}\n{difference}")

    def test_sample_shipment(self):
        for kind in ("se", "ae"):
            self.compare("auto-parts-usmca", kind, SAMPLES / "auto-parts" / "documents", SAMPLES / "partners", SAMPLES / "catalog.csv",
                         SAMPLES / "auto-parts" / "notice.json", SAMPLES / "trust")

    def test_reference_cases(self):
        if not GOLDEN.is_dir():
            self.skipTest("the reference is not beside the project")
        for case in ("auto-parts-usmca", "steel-232"):
            folder = GOLDEN / case
            for kind in ("se", "ae"):
                self.compare(case, kind, folder / "documents", folder / "partners", folder / "catalog.csv", folder / "notice.json",
                             GOLDEN / "authority")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
