"""The commands of `puente` that need no gateway, as a person or a script runs them: output, streams and exit codes.

    cli_test.py PUENTE SOURCE_DIR
"""
import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from gateway_process import Gateway  # noqa: E402

PUENTE = ""
SOURCE = pathlib.Path()


def run(*arguments, stdin=b"", env=None):
    clean = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR")}
    done = subprocess.run([PUENTE, *map(str, arguments)], input=stdin, capture_output=True, env={**clean, **(env or {})}, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.samples = SOURCE / "deploy" / "samples"
        self.documents = sorted((self.samples / "auto-parts" / "documents").glob("*.xml"))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def shipment(self, command, *more, documents=None, **replaced):
        options = {"partners": self.samples / "partners", "catalog": self.samples / "catalog.csv",
                   "notice": self.samples / "auto-parts" / "notice.json", "trust": self.samples / "trust", **replaced}
        flags = [part for name, value in options.items() if value for part in (f"--{name}", value)]
        return run(command, *flags, *more, *(self.documents if documents is None else documents))


class Usage(Case):
    def test_no_command_is_usage(self):
        code, out, err = run()
        self.assertEqual((code, out), (2, ""))
        self.assertTrue(err)

    def test_unknown_command_and_option_are_usage(self):
        self.assertEqual(run("fly")[0], 2)
        self.assertEqual(run("check", "--fly", "x")[0], 2)
        self.assertEqual(run("check")[0], 2)
        self.assertEqual(self.shipment("translate", "--to", "pdf")[0], 2)
        self.assertEqual(self.shipment("translate", "--to", "se", "--date", "2026-13-01")[0], 2)

    def test_every_command_helps_with_examples_in_both_languages(self):
        for command in ("init serve check-config version submit notice broker trace check translate explain decode channels pause resume drain redeliver "
                        "retranslate").split():
            code, out, err = run(command, "--help")
            self.assertEqual((code, err), (0, ""), command)
            self.assertIn("Examples:", out, command)
            self.assertIn("Ejemplos:", run(command, "--help", "--lang", "es")[1], command)
        self.assertIn("Ejemplos:", run("certs", "load", "--help", "--lang", "es")[1])
        self.assertIn("Examples:", run("simulate", "sat-estado", "--help")[1])
        self.assertIn("Ejemplos:", run("store", "backup", "--help", env={"LANG": "es_MX.UTF-8"})[1])

    def test_usage_errors_and_headings_are_in_the_language_asked_for(self):
        for arguments, told in ((["fly"], "no existe el comando fly"), (["check"], "falta: FILE"), (["check", "--fly", "x"], "--fly"),
                                (["decode", "--lang", "fr", "x"], "no es uno de")):
            code, out, err = run(*arguments, env={"LANG": "es_MX.UTF-8"})
            self.assertEqual((code, out), (2, ""))
            self.assertTrue(err.startswith("puente: "), err)
            self.assertIn(told, err)
        for arguments in (["--help"], ["check", "--help"], ["store", "--help"]):
            out = run(*arguments, env={"LANG": "es_MX.UTF-8"})[1]
            for english in ("Options", "OPTIONS", "Subcommands", "SUBCOMMAND", "Usage"):
                self.assertNotIn(english, out)
        self.assertIn("no se puede abrir", run("decode", self.folder / "none", env={"LANG": "es_MX.UTF-8"})[2])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full on this system")
    def test_output_that_cannot_be_written_is_no_success(self):
        for arguments in (["--help"], ["version"], ["check", "--json", *self.documents]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([PUENTE, *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, timeout=120)
            self.assertEqual(done.returncode, 74, arguments)
            self.assertIn(b"cannot_write", done.stderr)

    def test_version(self):
        code, out, _ = run("version", "--json")
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out)["program"], "puente")


class Check(Case):
    def test_accepted_documents(self):
        code, out, err = run("check", "--json", "--trust", self.samples / "trust", *self.documents)
        reports = json.loads(out)
        self.assertEqual(code, 0, out)
        self.assertEqual([r["file"] for r in reports], [str(d) for d in self.documents])
        for report in reports:
            self.assertEqual(list(report), ["file", "folio_fiscal", "kind", "verdict", "stages", "findings", "findings_left_out"])
            self.assertEqual(report["verdict"], "accepted")
            self.assertEqual(list(report["stages"]), ["xml", "structure", "seal", "stamp", "rules", "catalogs"])
            self.assertEqual({s: r for s, r in report["stages"].items() if s != "catalogs"},
                             dict.fromkeys(["xml", "structure", "seal", "stamp", "rules"], "pass"))
        self.assertEqual({r["kind"] for r in reports}, {"export_invoice", "carta_porte"})

    def test_the_first_200_findings_and_the_count_of_the_rest(self):
        many = self.documents[0].read_bytes().replace(b"<cfdi:Conceptos>", b"<cfdi:Conceptos>" + b'<cfdi:Concepto Wrong="1"/>' * 60, 1)
        report = json.loads(run("check", "--json", self.file("many.xml", many))[1])[0]
        self.assertEqual(len(report["findings"]), 200)
        self.assertGreater(report["findings_left_out"], 100)
        self.assertIn(str(report["findings_left_out"]), run("check", self.folder / "many.xml")[1])

    def test_not_xml_is_a_rejected_document(self):
        code, out, _ = run("check", "--json", self.file("a.xml", "hello"))
        report = json.loads(out)[0]
        self.assertEqual(code, 1)
        self.assertEqual((report["verdict"], report["stages"]["xml"], report["kind"]), ("rejected", "fail", "other"))
        finding = report["findings"][0]
        self.assertEqual(list(finding), ["code", "severity", "path", "line", "column", "authority_rule", "es", "en", "remedy_es", "remedy_en"])
        for text in ("es", "en", "remedy_es", "remedy_en"):
            self.assertTrue(finding[text])

    def test_file_that_cannot_be_opened_does_not_stop_the_others(self):
        code, out, err = run("check", "--json", self.folder / "none.xml", self.documents[0])
        self.assertEqual(code, 66)
        self.assertEqual(len(json.loads(out)), 1)
        self.assertIn("none.xml", err)
        self.assertEqual(run("check", self.folder)[0], 66)
        self.assertEqual(run("check", "--trust", self.folder / "none", self.documents[0])[0], 66)

    def test_standard_input(self):
        code, out, _ = run("check", "--json", "--trust", self.samples / "trust", "-", stdin=self.documents[0].read_bytes())
        self.assertEqual((code, json.loads(out)[0]["file"]), (0, "-"))

    def test_person_reads_place_text_and_remedy_in_their_language(self):
        broken = self.file("b.xml", self.documents[0].read_bytes().replace(b"Version=\"4.0\"", b"Version=\"3.3\"", 1))
        english = run("check", broken)[1]
        spanish = run("check", "--lang", "es", broken)[1]
        self.assertIn("rejected", english)
        self.assertIn("rechazado", spanish)
        self.assertNotEqual(english, spanish)
        self.assertRegex(english, r"b\.xml:\d+:\d+")
        self.assertNotIn("\x1b", english)

    def test_control_characters_of_a_document_reach_no_terminal(self):
        evil = self.file("c.xml", b"<a b='\xe2\x80\xae\xc2\x9b31m'/>")
        for text in run("check", evil)[1:]:
            self.assertNotIn("\u202e", text)
            self.assertNotIn("\x9b", text)

    def test_trust_is_refused_in_production(self):
        config = self.file("puente.toml", 'environment = "production"\n[tls]\ncertificate = "a"\nkey = "a"\nclient_ca = "a"\n'
                           '[partners]\nregistry = "a"\nprofiles = "a"\ncatalog = "a"\n[ledger]\nfile = "a"\n[receipt]\nkey = "a"\n')
        code, out, err = run("check", "--config", config, "--trust", self.samples / "trust", self.documents[0])
        self.assertEqual((code, out), (78, ""))
        self.assertIn("trust_in_production", err)


class Translate(Case):
    def test_entry_is_canonical_json_with_findings(self):
        code, out, err = self.shipment("translate", "--to", "entry")
        entry = json.loads(out)
        self.assertEqual(code, 0, entry.get("findings"))
        self.assertEqual(entry["schema"], "puente.entry/1")
        self.assertIsNone(entry["entries"][0]["entry_number"])
        self.assertIn("ENTRY_NUMBER_PENDING", {f["code"] for f in entry["findings"]})
        self.assertNotIn("lineage", entry)
        self.assertEqual(err, "")

    def test_records_are_80_columns_and_decode_again(self):
        for kind in ("se", "ae"):
            code, out, err = self.shipment("translate", "--to", kind)
            self.assertEqual(code, 0, err)
            self.assertIn("ENTRY_NUMBER_PENDING", err)
            lines = out.splitlines()
            self.assertTrue(all(len(line) == 80 for line in lines))
            self.assertEqual(lines[0][0] + lines[1][0] + lines[-2][0] + lines[-1][0], "ABYZ")
            self.assertEqual(lines[0][8:14], " " * 6)
            code, out, _ = run("decode", "--json", self.file(f"x.{kind}", out))
            decoded = json.loads(out)
            self.assertEqual(code, 0)
            self.assertEqual({f["code"] for f in decoded["findings"]}, {"CATAIR_ENTRY_NUMBER_BLANK"})
            self.assertEqual(decoded["application"], kind.upper())

    def test_entry_number_of_the_argument_is_placed(self):
        number = entry_number("B7P", "1234567")
        code, out, err = self.shipment("translate", "--to", "se", "--entry-number", number)
        self.assertEqual(code, 0, err)
        self.assertNotIn("ENTRY_NUMBER_PENDING", err)
        self.assertIn(number, out.splitlines()[2])

    def test_port_of_another_district_is_told_and_records_are_printed(self):
        sample = self.samples / "electronics"
        findings = self.folder / "findings.json"
        code, out, _ = self.shipment("translate", "--to", "se", "--findings", findings, notice=sample / "notice.json",
                                     documents=sorted((sample / "documents").glob("*.xml")))
        self.assertIn(("hold", "ABI_PORT_DISTRICT"), {(f["severity"], f["code"]) for f in json.loads(findings.read_text())})
        self.assertTrue(out.startswith("A"))

    def test_findings_go_to_the_file_asked_for(self):
        findings = self.folder / "findings.json"
        code, out, err = self.shipment("translate", "--to", "ae", "--findings", findings)
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(all({"code", "severity", "en", "es"} <= set(f) for f in json.loads(findings.read_text())))

    def test_document_that_is_not_xml_blocks_and_output_is_still_printed(self):
        code, out, _ = self.shipment("translate", "--to", "entry", documents=[*self.documents, self.file("x.xml", "no")])
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["schema"], "puente.entry/1")

    def test_documents_that_are_not_sealed_or_stamped_yet_are_drafted_and_held(self):
        for pattern, told in ((rb"<tfd:TimbreFiscalDigital.*?/>", "DOCUMENT_NOT_STAMPED"),
                              (rb"\s(Sello|Certificado|NoCertificado)=\"[^\"]*\"|<tfd:TimbreFiscalDigital.*?/>", "DOCUMENT_NOT_SEALED")):
            tried = [self.file(d.name, re.sub(pattern, b"", d.read_bytes(), flags=re.S)) for d in self.documents]
            findings = self.folder / "findings.json"
            code, out, err = self.shipment("translate", "--to", "se", "--findings", findings, documents=tried)
            found = {(f["severity"], f["code"]) for f in json.loads(findings.read_text())}
            self.assertIn(("hold", told), found)
            self.assertNotIn("error", {severity for severity, _ in found})
            self.assertEqual(code, 0, err)
            self.assertTrue(all(len(line) == 80 for line in out.splitlines()))

    def test_changed_document_blocks(self):
        changed = [self.file(d.name, d.read_bytes().replace(b"AUTOPARTES", b"AUTOPARTEZ", 1)) for d in self.documents]
        code, out, _ = self.shipment("translate", "--to", "entry", documents=changed)
        self.assertEqual(code, 1)
        self.assertIn("SEAL_INVALID", {f["code"] for f in json.loads(out)["findings"]})

    def test_inputs_that_cannot_begin(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertEqual(self.shipment("translate", "--to", "se", partners=empty)[0], 65)
        self.assertEqual(self.shipment("translate", "--to", "se", notice=self.file("n.json", "{"))[0], 65)
        self.assertEqual(self.shipment("translate", "--to", "se", notice=self.folder / "none")[0], 66)
        self.assertEqual(self.shipment("translate", "--to", "se", partners=self.folder / "none")[0], 66)
        self.assertEqual(self.shipment("translate", "--to", "se", catalog=self.file("c.csv", "part,colour\nA,red\n"))[0], 78)
        bad = self.folder / "bad"
        bad.mkdir()
        (bad / "x.toml").write_text("[importer.a]\ncolour = \"red\"\n")
        code, out, err = self.shipment("translate", "--to", "se", partners=bad)
        self.assertEqual((code, out), (78, ""))
        self.assertIn("x.toml", err)

    def test_same_inputs_give_the_same_bytes(self):
        self.assertEqual(self.shipment("translate", "--to", "ae")[1], self.shipment("translate", "--to", "ae")[1])


class Explain(Case):
    def test_every_element_has_a_rule_and_fits_100_columns(self):
        code, out, err = self.shipment("explain")
        self.assertEqual(code, 0, err)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.assertNotIn("\x1b", out)
        self.assertIn("SE10", out)
        self.assertIn("factura-EXP10452.xml:", out)
        self.assertIn("importer.", out)

    def test_json_leads_to_attribute_with_line(self):
        code, out, _ = self.shipment("explain", "--to", "se", "--record", "SE40", "--json")
        self.assertEqual(code, 0)
        records = json.loads(out)[0]["records"]
        self.assertTrue(records)
        self.assertEqual({r["record"] for r in records}, {"SE40"})
        for record in records:
            for element in record["elements"]:
                self.assertTrue(element["rule"], element)

    def test_narrowed_to_one_element(self):
        code, out, _ = self.shipment("explain", "--to", "ae", "--record", "50", "--json")
        name = json.loads(out)[0]["records"][0]["elements"][-1]["name"]
        code, out, _ = self.shipment("explain", "--to", "ae", "--record", "50", "--element", name, "--json")
        self.assertEqual({e["name"] for r in json.loads(out)[0]["records"] for e in r["elements"]}, {name})

    def test_record_that_is_not_there_is_said(self):
        code, out, err = self.shipment("explain", "--record", "SE90")
        self.assertEqual(out.strip(), "")
        self.assertIn("SE90", err)

    def test_name_that_no_layout_has_is_usage_with_the_names_there_are(self):
        code, out, err = self.shipment("explain", "--record", "ZZ")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("SE40", err)
        code, out, err = self.shipment("explain", "--record", "SE40", "--element", "NADA")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("description", err)
        folded = self.shipment("explain", "--record", "se60", "--json")
        self.assertEqual(folded, self.shipment("explain", "--record", "SE60", "--json"))
        self.assertTrue(json.loads(folded[1])[0]["records"])


class Decode(Case):
    def records(self):
        return self.shipment("translate", "--to", "se", "--entry-number", entry_number("B7P", "1234567"))[1]

    def test_password_is_never_shown(self):
        text = self.records()
        secret = text[:8] + "SECRET" + text[14:]
        for arguments in (["decode"], ["decode", "--json"]):
            code, out, err = run(*arguments, self.file("p.txt", secret))
            self.assertEqual(code, 0, err)
            self.assertNotIn("SECRET", out + err)

    def test_broken_line_is_a_finding_and_the_rest_goes_on(self):
        lines = self.records().splitlines()
        lines[3] = lines[3][:40]
        code, out, _ = run("decode", "--json", self.file("b.txt", "\n".join(lines)))
        decoded = json.loads(out)
        self.assertEqual(code, 1)
        self.assertEqual(len(decoded["records"]), len(lines))
        self.assertTrue(decoded["findings"])

    def test_what_is_no_record_cannot_begin(self):
        self.assertEqual(run("decode", self.file("t.txt", "hello\n"))[0], 65)
        self.assertEqual(run("decode", self.file("e.txt", ""))[0], 65)
        self.assertEqual(run("decode", self.folder / "none")[0], 66)
        code, out, err = run("decode", self.file("big.txt", self.records() + "\n" * (4 << 20)))
        self.assertEqual((code, out), (65, ""))
        self.assertIn("4 MiB", err)


class Certificates(Case):
    """puente certs: what somebody downloaded goes where it is believed, and nothing else does."""

    def setUp(self):
        super().setUp()
        demo = self.folder / "demo"
        self.assertEqual(run("init", demo)[0], 0)
        self.config = demo / "puente.toml"
        self.trust = demo / "trust"
        self.downloads = self.folder / "downloads"
        self.downloads.mkdir()
        for file in self.trust.iterdir():
            file.rename(self.downloads / file.name)

    def csd_of_a_document(self):
        sealed = self.documents[0].read_text()
        return base64.b64decode(re.search(r' Certificado="([^"]+)"', sealed).group(1))

    def load(self, *more):
        code, out, err = run("certs", "load", "--json", "--config", self.config, *more, self.downloads)
        return code, {pathlib.Path(row["file"]).name: row for row in json.loads(out)}, err

    def test_load_copies_the_sats_and_list_tells_what_is_believed(self):
        code, rows, err = self.load("--dry-run")
        self.assertEqual((code, list(self.trust.iterdir())), (0, []))
        code, rows, err = self.load()
        self.assertEqual(code, 0, err)
        self.assertIn("2 copied", err)
        self.assertIn("SIGHUP", err)
        self.assertEqual({(row["kind"], row["outcome"]) for row in rows.values()}, {("root", "copied"), ("stamping", "copied")})
        self.assertEqual(sorted(file.name for file in self.trust.iterdir()), sorted(row["number"] + ".cer" for row in rows.values()))
        code, out, _ = run("certs", "list", "--json", "--config", self.config)
        listed = {row["kind"]: row for row in json.loads(out)}
        self.assertEqual((code, set(listed)), (0, {"root", "stamping"}))
        self.assertEqual(listed["stamping"]["issued_by"], "at_hand")
        self.assertEqual(len(listed["root"]["sha256"]), 64)
        code, out, _ = run("check", "--json", "--config", self.config, self.documents[0])
        self.assertEqual(json.loads(out)[0]["stages"]["stamp"], "pass")
        code, rows, err = self.load()
        self.assertEqual((code, {row["outcome"] for row in rows.values()}), (0, {"already_there"}))

    def test_what_does_not_belong_there_is_refused_and_named(self):
        (self.downloads / "csd.cer").write_bytes(self.csd_of_a_document())
        (self.downloads / "text.cer").write_text("not a certificate")
        forged = next(row for row in self.downloads.glob("*.cer") if row.name.startswith("0")).read_bytes()
        (self.downloads / "forged.crt").write_bytes(forged[:-8] + bytes(8))  # its signature is not the authority's
        code, rows, err = self.load()
        self.assertEqual(code, 1, err)
        self.assertIn("3 refused", err)
        self.assertEqual(rows["csd.cer"]["kind"], "csd")
        reasons = {name: row["reason"] for name, row in rows.items() if row["outcome"] == "refused"}
        self.assertEqual(reasons, {"csd.cer": "travels_in_the_document", "text.cer": "unreadable", "forged.crt": "refused"})
        self.assertEqual(len(list(self.trust.iterdir())), 2)
        code, out, err = run("certs", "load", "--lang", "es", "--config", self.config, self.downloads)
        self.assertIn("CSD de un contribuyente", out)
        self.assertIn("ya estaba", out)

    def test_production_takes_nothing_of_a_test_authority(self):
        self.config.write_text(self.config.read_text().replace('environment = "test"', 'environment = "production"'))
        code, rows, err = self.load()
        self.assertEqual((code, {row["reason"] for row in rows.values()}), (1, {"test_authority"}))
        self.assertEqual(list(self.trust.iterdir()), [])

    def test_folder_that_is_not_there(self):
        self.assertEqual(run("certs", "load", "--config", self.config, self.folder / "none")[0], 66)
        self.trust.rmdir()
        self.assertEqual(run("certs", "list", "--config", self.config)[0], 66)


class Catalogs(Case):
    """puente catalogs: the SAT's lists, all of a load or nothing of it."""

    FRACCION = "clave,nombre,vigencia_desde,vigencia_hasta,unidad\n{},x,2020-01-01,,06\n"

    def setUp(self):
        super().setUp()
        self.source, self.store = self.folder / "source", self.folder / "store"
        self.source.mkdir()

    def load(self, *more):
        code, out, err = run("catalogs", "load", "--folder", self.store, "--json", *more, self.source)
        return code, {row["name"]: row for row in json.loads(out)} if code == 0 else {}, err

    def listed(self):
        code, out, err = run("catalogs", "list", "--folder", self.store, "--json")
        self.assertEqual(code, 0, err)
        return {row["name"]: row for row in json.loads(out)}

    def test_plain_gzip_and_zstd_load_alike(self):
        text = self.FRACCION.format("8708299999").encode()
        colonias = b"clave,codigo_postal,nombre\n0001,88000,Centro\n"
        (self.source / "c_FraccionArancelaria.csv").write_bytes(text)
        (self.source / "c_Colonia.csv.gz").write_bytes(gzip.compress(colonias))
        (self.source / "notes.txt").write_text("not a list")
        (self.source / "c_Unheard.csv").write_text("clave\n1\n")
        code, put, err = self.load()
        self.assertEqual((code, sorted(put)), (0, ["c_Colonia", "c_FraccionArancelaria"]), err)
        self.assertEqual(put["c_FraccionArancelaria"]["sha256"], hashlib.sha256(text).hexdigest())
        self.assertEqual(put["c_Colonia"]["sha256"], hashlib.sha256(colonias).hexdigest())
        stored = next((self.store / "current").glob("c_Colonia.csv.zst"))  # what was written is zstd: load it again as such
        for file in self.source.iterdir():
            file.unlink()
        shutil.copy(stored, self.source)
        code, put, err = self.load()
        self.assertEqual((code, put["c_Colonia"]["sha256"]), (0, hashlib.sha256(colonias).hexdigest()), err)
        listed = self.listed()
        self.assertIn("c_FraccionArancelaria", listed)  # taken over from the load before
        self.assertTrue(listed["c_Moneda"]["embedded"])
        self.assertEqual(listed["c_FraccionArancelaria"]["rows"], 1)

    def test_one_broken_list_leaves_everything_as_it_was(self):
        (self.source / "c_FraccionArancelaria.csv").write_text(self.FRACCION.format("8708299999"))
        self.assertEqual(self.load()[0], 0)
        before = self.listed()
        (self.source / "c_FraccionArancelaria.csv").write_text(self.FRACCION.format("1111111111"))
        for name, content in (("c_Colonia.csv", b"clave,nombre\n1,x\n"), ("c_Colonia.csv", b"clave,codigo_postal,nombre\n"),
                              ("c_Colonia.csv.gz", gzip.compress(b"clave,codigo_postal,nombre\n1,2,x\n")[:-9]),
                              ("c_Colonia.csv.zst", b"not zstd"), ("c_Colonia.csv", b"clave,codigo_postal,nombre\n\xff,1,x\n"),
                              ("c_Aduana.csv", b"clave,nombre,vigencia_desde\n01,x,2024-02-30\n")):
            broken = self.source / name
            broken.write_bytes(content)
            code, _, err = self.load()
            self.assertNotEqual(code, 0, name)
            self.assertIn(name.split(".")[0], err)
            self.assertEqual(self.listed(), before, name)
            broken.unlink()
        for file in self.source.iterdir():
            file.unlink()
        self.assertNotEqual(self.load()[0], 0)  # a folder without lists is said, not taken for success
        self.assertEqual([p.name for p in self.store.iterdir() if p.name.isdigit()], ["1"])

    def test_without_a_list_its_codes_are_a_warning_and_with_it_they_are_judged(self):
        invoice = self.documents[-1] if b"FraccionArancelaria" in self.documents[-1].read_bytes() else self.documents[0]
        report = json.loads(run("check", "--json", invoice)[1])[0]
        missing = [f["en"] for f in report["findings"] if f["code"] == "SAT_LIST_NOT_LOADED"]
        self.assertEqual(len([text for text in missing if "c_FraccionArancelaria" in text]), 1)
        self.assertEqual(report["stages"]["catalogs"], "unknown")
        (self.source / "c_FraccionArancelaria.csv").write_text(self.FRACCION.format("0000000000"))
        report = json.loads(run("check", "--json", "--catalogs", self.source, invoice)[1])[0]
        self.assertEqual((report["verdict"], report["stages"]["catalogs"]), ("rejected", "fail"))
        self.assertTrue([f for f in report["findings"] if f["code"] == "SAT_CODE_UNKNOWN" and f["path"].endswith("@FraccionArancelaria")])

    def test_a_gateway_takes_a_load_without_restart(self):
        gateway = Gateway(PUENTE, self.folder / "demo")
        gateway.start()
        self.addCleanup(gateway.kill)
        (self.source / "c_FraccionArancelaria.csv").write_text(self.FRACCION.format("8708299999"))
        code, _, err = run("catalogs", "load", "--config", gateway.folder / "puente.toml", self.source)
        self.assertEqual(code, 0, err)
        gateway.wait_for_log(lambda line: '"reloaded"' in line)


class Configuration(Case):
    def test_init_makes_a_gateway_that_check_config_accepts_and_never_overwrites(self):
        demo = self.folder / "demo"
        code, out, err = run("init", demo, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0")
        self.assertEqual((code, out), (0, ""), err)
        self.assertIn("puente serve", err)
        for path in demo.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0 if path.suffix in (".key", ".toml") or path.is_dir() else path.stat().st_mode & 0o077, path)
        code, out, err = run("check-config", "--config", demo / "puente.toml", "--json")
        self.assertEqual((code, json.loads(out)), (0, []), err)
        before = (demo / "puente.toml").read_bytes()
        self.assertEqual(run("init", demo)[0], 66)
        self.assertEqual((demo / "puente.toml").read_bytes(), before)

    def test_init_refuses_an_address_before_anything_is_written(self):
        for option, address in (("--listen", "nonsense"), ("--listen", "127.0.0.1:99999"), ("--health", ":")):
            code, out, err = run("init", self.folder / "demo", option, address)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(address, err)
            self.assertFalse((self.folder / "demo").exists())

    def test_every_problem_at_once(self):
        code, out, _ = run("check-config", "--json", "--config", self.file("p.toml", 'environment = "moon"\nlistn = 1\n'))
        findings = json.loads(out)
        self.assertEqual(code, 78)
        self.assertEqual([(f["code"], f["line"]) for f in findings[:2]], [("CONFIG_VALUE_INVALID", 1), ("CONFIG_KEY_UNKNOWN", 2)])
        self.assertEqual(run("check-config", "--config", self.folder / "none")[0], 66)

    def test_production_refuses_the_demo_broker_and_test_authorities(self):
        demo = self.folder / "demo"
        run("init", demo)
        config = demo / "puente.toml"
        config.write_text(config.read_text().replace('"test"', '"production"'))
        code, out, _ = run("check-config", "--json", "--config", config)
        self.assertEqual(code, 78)
        self.assertLessEqual({"CONFIG_SIMULATOR_IN_PRODUCTION", "CONFIG_CONTENT_INVALID"}, {f["code"] for f in json.loads(out)})
        for file in (config.parent / "trust").iterdir():
            file.unlink()
        code, out, _ = run("check-config", "--json", "--config", config)
        self.assertIn("CONFIG_TRUST_EMPTY", {f["code"] for f in json.loads(out)})
        self.assertEqual(run("serve", "--config", config)[0], 78)

    def test_page_of_keys_is_in_step(self):
        self.assertEqual(run("check-config", "--reference")[1], (SOURCE / "deploy" / "CONFIG.md").read_text())


class Client(Case):
    def test_gateway_that_is_away(self):
        demo = self.folder / "demo"
        run("init", demo, "--listen", "127.0.0.1:1")
        code, out, err = run("submit", "--config", demo / "client-shipper.toml", *self.documents)
        self.assertEqual((code, out), (69, ""), err)
        self.assertEqual(run("trace", "--config", demo / "client-shipper.toml", "X")[0], 69)
        self.assertEqual(run("broker", "--config", demo / "client-broker.toml")[0], 69)
        self.assertEqual(run("store", "verify", "--config", demo / "client-ops.toml")[0], 69)

    def test_without_connection_options(self):
        self.assertEqual(run("submit", *self.documents)[0], 78)
        self.assertEqual(run("submit", "--config", self.folder / "none.toml", *self.documents)[0], 66)


def entry_number(filer_code, seven):
    """CBP's check digit (AE chapter, section 7), worked out here on its own: letters as on a telephone's table of CBP."""
    values = {**{str(d): d for d in range(10)}, **dict(zip("ABCDEFGHI", range(1, 10))), **dict(zip("JKLMNOPQR", range(1, 10))),
              **dict(zip("STUVWXYZ", range(2, 10)))}
    total = 0
    for position, character in enumerate(reversed(filer_code + seven)):
        product = values[character] * (2 if position % 2 == 0 else 1)
        total += product // 10 + product % 10
    return f"{seven}{(10 - total % 10) % 10}"


if __name__ == "__main__":
    PUENTE = sys.argv.pop(1)
    SOURCE = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=1)
