"""Writes ADVISORIES.md: which public advisories the corpus has samples of.

    python3 advisories.py SAMPLES_FOLDER
"""
import collections
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Read and left out, with the reason.
LEFT_OUT = {
    "GHSA-x843-g5mx-g377, GHSA-3329-ghmp-jmv5, GHSA-cffc-mxrf-mhh4, GHSA-rrxm-2pvv-m66x (picklescan)": "only their numbers were to be had, not what they are about",
    "GHSA-gx77-x2pv-48v7 (picklescan)": "an earlier number of the three advisories by JFrog, which are covered",
    "GHSA-6hrg-qmvc-2xh8 CVE-2022-21797 (joblib)": "an argument of Parallel, no file",
    "GHSA-378x-6p4f-8jgm CVE-2025-54886 (skops)": "Card.get_model falls back to joblib: covered as a joblib file named .skops",
    "CVE-2026-28500, CVE-2024-7776 hub part (onnx)": "downloads, no file; the archive part is covered",
    "CVE-2026-34446 (onnx)": "a hard link on the disk, not in the file",
    "CVE-2024-27319, CVE-2026-44512 (onnx)": "memory errors of the library's own converters",
    "PyTorch memory errors (CVE-2024-31580, -31583, -31584, CVE-2025-2148 and others)": "faults of operators, not of files",
    "MLflow, SGLang, vLLM, Ray pickle advisories": "services that unpickle what they receive; what they would receive are the pickles here",
}


def main(folder):
    with open(os.path.join(folder, "index.json")) as file:
        index = json.load(file)
    with open(os.path.join(HERE, "oracle.json")) as file:
        rows = json.load(file)["samples"]
    by_advisory = collections.defaultdict(list)
    for sample in index:
        for advisory in sample["advisories"]:
            by_advisory[advisory].append(sample["id"])
    lines = ["# Advisories with samples in the malicious corpus", "", "Written by advisories.py. Executed: shown by the oracle run in oracle.json.", "",
             "| advisory | samples | executed | first |", "|---|---|---|---|"]
    for advisory, ids in sorted(by_advisory.items()):
        executed = sum(rows.get(i, {}).get("executed", False) for i in ids)
        lines.append(f"| {advisory} | {len(ids)} | {executed} | {ids[0]} |")
    lines += ["", "Write-ups covered as classes: nullifAI (broken pickles in 7z), arXiv 2508.19774 (loading paths, gadgets, exception-oriented bypasses),",
              "arXiv 2605.15084 (PickleFuzzer: readers that differ), picklescan issues 14 and 22 (memo), modelscan issues 85, 267, 330, 331, 338.", "",
              "## Read and left out", "", *[f"- {name}: {why}." for name, why in LEFT_OUT.items()], ""]
    with open(os.path.join(HERE, "ADVISORIES.md"), "w") as out:
        out.write("\n".join(lines))
    print(len(by_advisory), "advisories")


if __name__ == "__main__":
    main(sys.argv[1])
