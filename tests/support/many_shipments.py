"""Many distinct sealed and stamped shipments, made from the templates of the electronics sample by one run of the sealing tool."""

import json
import pathlib
import subprocess


def make(seal, source, folder, count):
    """Returns a list of (invoice bytes, carta porte bytes, notice bytes, SCN); the trust folder is folder/trust."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    templates = pathlib.Path(source) / "tests" / "support" / "samples"
    invoice = (templates / "factura-electronics.xml").read_text()
    waybill = (templates / "carta-porte-electronics.xml").read_text()
    notice = json.loads((pathlib.Path(source) / "deploy" / "samples" / "electronics" / "notice.json").read_text())
    plan = ["trust trust",
            "issuer exporter 00009900000800000002 EPT120315AB9 ELECTRÓNICA DEL PACÍFICO TIJUANA SA DE CV",
            "issuer carrier 00009900000800000003 TOT090817K24 TRANSPORTES OTAY SA DE CV"]
    rows = []
    for n in range(count):
        uuid = f"4C1D7E90-2B6F-4A35-8E11-{n:012X}"
        waybill_uuid = f"9A0B1C2D-3E4F-4051-8627-{n:012X}"
        id_ccp = f"CCC7d3e4-51b2-4f80-9c1e-{n:012x}"
        (folder / f"i{n}.xml").write_text(invoice.replace('Folio="2207"', f'Folio="{30000 + n}"'))
        (folder / f"c{n}.xml").write_text(waybill.replace('Folio="5512"', f'Folio="{60000 + n}"')
                                          .replace("4C1D7E90-2B6F-4A35-8E11-90AB34CD56EF", uuid)
                                          .replace("CCC7d3e4-51b2-4f80-9c1e-2a4b6c8d0e1f", id_ccp))
        plan += [f"document exporter i{n}.xml out/i{n}.xml {uuid} 2026-11-11T10:21:03",
                 f"document carrier c{n}.xml out/c{n}.xml {waybill_uuid} 2026-11-11T18:03:30"]
        scn = f"TROY3{n:07d}"
        one = json.loads(json.dumps(notice))
        one.update(notice_id=f"TROYN{n}", trip_number=f"TROY{n:05d}", carta_porte=[id_ccp])
        one["bills"][0].update(scn=scn, invoices=[uuid])
        rows.append((json.dumps(one).encode(), scn))
    (folder / "plan.txt").write_text("\n".join(plan) + "\n")
    subprocess.run([seal, str(folder / "plan.txt")], check=True)
    return [((folder / "out" / f"i{n}.xml").read_bytes(), (folder / "out" / f"c{n}.xml").read_bytes(), rows[n][0], rows[n][1])
            for n in range(count)]
