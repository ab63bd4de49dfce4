#!/usr/bin/env python3
"""Writes module/template/weir-6.0.yaml and weir-7.0.yaml, the templates that the settings page imports, and their revision for
the collector, which tells when others are imported (sidecar/monitor/zabbix/template_revision.hpp).

Both come from the lists below, so that they cannot drift apart; the formats differ in the groups and the date alone.
Run it after a change and commit what it wrote. With --check it writes nothing and fails when a file differs.
"""
import hashlib
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent / "module" / "template"
HEADER = pathlib.Path(__file__).parents[2] / "sidecar" / "monitor" / "zabbix" / "template_revision.hpp"
GROUP = "Templates/Weir"
COLLECTOR = "Weir collector"
EXPORTER = "Weir exporter"
SEVERITIES = ["information", "warning", "average", "high", "disaster"]

# An alert is one value of a text item: ID|1|SEVERITY|FILTER|TEXT opens a problem, ID|0|||  closes it. ID has no "|".
ALERT_OPEN = "^[^|]+[|]1[|]%s[|]"
ALERT_CLOSE = "^[^|]+[|]0[|]"
ALERT_ID = r'{{ITEM.VALUE}.regsub("^([^|]+)[|]", "\1")}'
ALERT_FILTER = r'{{ITEM.VALUE}.regsub("^[^|]+[|][01][|][^|]*[|]([^|]*)[|]", "\1")}'
ALERT_TEXT = r'{{ITEM.VALUE}.regsub("^[^|]+[|][01][|][^|]*[|][^|]*[|](.*)$", "\1")}'


def uuid(*names):
    """A version 4 UUID that is always the same for the same names: what an update is recognised by."""
    digits = list(hashlib.sha256("/".join(("weir",) + names).encode()).hexdigest()[:32])
    digits[12] = "4"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    return "".join(digits)


def trapper(template, key, name, description, units="", value_type="FLOAT", **more):
    kept_as_text = value_type in ("TEXT", "CHAR")
    item = {"uuid": uuid(template, key), "name": name, "type": "TRAP", "key": key, "delay": "0"}
    if kept_as_text:
        item["trends"] = "0"
    item |= {"value_type": value_type, "allowed_hosts": "{$WEIR.SENDER}"}
    if units:
        item["units"] = units
    item["description"] = description
    item |= {"tags": [{"tag": "component", "value": "flows"}]}
    return item | more


def trigger(template, name, expression, priority, **more):
    return {"uuid": uuid(template, "trigger", name), "expression": expression, "name": name, "priority": priority.upper()} | more


def alert_item(template):
    close = f'find(/{template}/weir.alert,,"regexp","{ALERT_CLOSE}")=1'
    return trapper(template, "weir.alert", "Flow alert", "ID|1|SEVERITY|FILTER|TEXT opens a problem, ID|0||| closes it.",
        value_type="TEXT",
        # the same value twice in a row is one that was sent again because its answer was lost
        preprocessing=[{"type": "DISCARD_UNCHANGED", "parameters": [""]}],
        triggers=[trigger(template, f"Flow alert ({severity})",
            f'find(/{template}/weir.alert,,"regexp","{ALERT_OPEN % severity}")=1', "info" if severity == "information" else severity,
            recovery_mode="RECOVERY_EXPRESSION", recovery_expression=close, event_name=ALERT_TEXT, type="MULTIPLE",
            correlation_mode="TAG_VALUE", correlation_tag="weir_alert", manual_close="YES",
            tags=[{"tag": "source", "value": "weir"}, {"tag": "weir_alert", "value": ALERT_ID}, {"tag": "weir_filter", "value": ALERT_FILTER}])
            for severity in SEVERITIES])


def exporter_items(template, parameter, suffix):
    """The values of one exporter: of the host itself, or as prototypes for each exporter without a host."""
    who = suffix or "{HOST.NAME}"
    triggers = "trigger_prototypes" if parameter else "triggers"
    silence, loss = f"weir.exporter.silence{parameter}", f"weir.exporter.loss{parameter}"
    end = f" of {suffix}" if suffix else ""
    return [
        trapper(template, f"weir.exporter.records{parameter}", f"Flow records per second{end}", "Decoded, before sampling is accounted for. None while it is silent.", "!rps"),
        trapper(template, f"weir.exporter.lastseen{parameter}", f"Last flows{end}", "When the last datagram came.", "unixtime", "UNSIGNED"),
        trapper(template, silence, f"Time without flows{end}", "Since the last datagram, as far as the collector ran.", "s", **{triggers: [
            trigger(template, f"Exporter {who} is silent", f"last(/{template}/{silence})>{{$WEIR.SILENCE.MAX}}", "average",
                event_name=f"Exporter {who} is silent for {{ITEM.LASTVALUE1}}", manual_close="YES", tags=[{"tag": "source", "value": "weir"}])]}),
        trapper(template, loss, f"Lost datagrams{end}", "By sequence numbers and the counters of the receiver. None while the exporter is silent.", "%", **{triggers: [
            # Of values, not of a time: while an exporter is silent there are none, and the first after it says little.
            trigger(template, f"Exporter {who} is losing datagrams", f'count(/{template}/{loss},#5,"gt","{{$WEIR.LOSS.MAX}}")=5', "warning",
                event_name=f"Exporter {who} is losing {{ITEM.LASTVALUE1}} of its datagrams", manual_close="YES",
                tags=[{"tag": "source", "value": "weir"}])]}),
    ]


RATE = "From flows, sampling accounted for, of the minute before the time of the value. None of a minute in which the exporter or the collector was silent."


def interface_items():
    tags = [{"tag": "component", "value": "flows"}, {"tag": "interface", "value": "{#IFNAME}"}, {"tag": "description", "value": "{#IFALIAS}"}]
    of = "Interface {#IFNAME}({#IFALIAS}): "
    verdict = "weir.if.verdict[{#IFINDEX}]"
    return [
        trapper(EXPORTER, "weir.if.in[{#IFINDEX}]", of + "Flow bits received", RATE, "bps", tags=tags),
        trapper(EXPORTER, "weir.if.out[{#IFINDEX}]", of + "Flow bits sent", RATE, "bps", tags=tags),
        trapper(EXPORTER, "weir.if.ratio[{#IFINDEX}]", of + "Flows against SNMP", "Octets of flows by octets of the SNMP counters.", "%", tags=tags),
        trapper(EXPORTER, verdict, of + "Verdict on flows against SNMP", "Begins with 'fine', or says what is wrong and how to fix it.", value_type="CHAR",
            tags=tags),
    ]


# What the collector sends: four lines that the macros replace, then the interfaces whose flows and counters disagree.
SELECTION = [f"{what}.{how}" for what in ("IFNAME", "IFALIAS") for how in ("MATCHES", "NOT_MATCHES")]
VERDICTS_SCRIPT = """
var lines = value.split('\\n'), told = JSON.parse(lines.slice(4).join('\\n')), fits = lines.slice(0, 4).map(function (text) { return new RegExp(text); });
var list = told.problems.filter(function (one) {
	return fits[0].test(one.name) && !fits[1].test(one.name) && fits[2].test(one.alias) && !fits[3].test(one.alias);
});
""".strip()


def verdict_items():
    """One problem for a device, however many interfaces it has: a switch may have hundreds."""
    master = "weir.verdicts"
    chosen = [{"type": "STR_REPLACE", "parameters": [f"@{one}@", f"{{$WEIR.VERDICT.{one}}}"]} for one in SELECTION]

    def dependent(key, name, description, last_line, **more):
        return {"uuid": uuid(EXPORTER, key), "name": name, "type": "DEPENDENT", "key": key, "delay": "0"} | more | {
            "description": description,
            "preprocessing": chosen + [{"type": "JAVASCRIPT", "parameters": [VERDICTS_SCRIPT + "\n" + last_line]}],
            "master_item": {"key": master}, "tags": [{"tag": "component", "value": "flows"}]}

    count = "weir.verdicts.count"
    text = "weir.verdicts.text"
    disagree = trigger(EXPORTER, "Flows and SNMP disagree", f"last(/{EXPORTER}/{count})>0 and length(last(/{EXPORTER}/{text}))>0", "warning",
        event_name="Flows and SNMP disagree on {ITEM.LASTVALUE1} interfaces: {ITEM.LASTVALUE2}", opdata="{ITEM.LASTVALUE1}: {ITEM.LASTVALUE2}",
        manual_close="YES", tags=[{"tag": "source", "value": "weir"}])
    return [
        trapper(EXPORTER, master, "Flows against SNMP: what disagrees", "For the two items that follow from it.", value_type="TEXT", history="1h"),
        dependent(count, "Flows against SNMP: interfaces that disagree", "Of those that the macros {$WEIR.VERDICT.…} select.",
            "return list.length + told.more;", value_type="UNSIGNED"),
        dependent(text, "Flows against SNMP: which disagree, and why", "The first ten.",
            "return list.slice(0, 10).map(function (one) { return one.name + (one.alias ? ' (' + one.alias + ')' : '') + ': ' + one.verdict; }).join('\\n')"
            " + (list.length + told.more > 10 ? '\\n' + (list.length + told.more - 10) + ' more' : '');", value_type="TEXT", trends="0"),
    ], disagree


def discovery(template, key, name, description, prototypes):
    return {"uuid": uuid(template, key), "name": name, "type": "TRAP", "key": key, "delay": "0", "allowed_hosts": "{$WEIR.SENDER}",
        "description": description, "item_prototypes": prototypes}


def macros(more):
    return [{"macro": macro, "value": value, "description": description} for macro, value, description in [
        ("{$WEIR.LOSS.MAX}", "1", "Lost datagrams, in per cent of all, in five values in a row."),
        ("{$WEIR.SENDER}", "127.0.0.1,::1", "The addresses from which the collector sends its values."),
        ("{$WEIR.SILENCE.MAX}", "5m", "How long an exporter may send nothing."),
    ] + more]


def templates():
    yield {
        "uuid": uuid(COLLECTOR), "template": COLLECTOR, "name": COLLECTOR, "groups": [{"name": GROUP}],
        "description": "The flow collector itself, and the exporters that are linked to no host.",
        "items": [
            alert_item(COLLECTOR),
            trapper(COLLECTOR, "weir.datagrams", "Datagrams per second", "Of all exporters.", "!dps"),
            trapper(COLLECTOR, "weir.dropped", "Dropped datagrams and records per second", "By the kernel and by full queues.", "!rps"),
            trapper(COLLECTOR, "weir.records", "Flow records per second", "Of all exporters.", "!rps", triggers=[
                trigger(COLLECTOR, "Weir sends no values", f"nodata(/{COLLECTOR}/weir.records,5m)=1", "average", manual_close="YES",
                    tags=[{"tag": "source", "value": "weir"}])]),
            trapper(COLLECTOR, "weir.store.bytes", "Space taken by flows", "In the data folder.", "B"),
            trapper(COLLECTOR, "weir.store.days", "Days of flows", "Stored.", "!days"),
            trapper(COLLECTOR, "weir.version", "Version", "Of the collector.", value_type="CHAR"),
        ],
        "discovery_rules": [discovery(COLLECTOR, "weir.exporters", "Exporters without a host",
            'A list of {"{#EXPORTER}": address, "{#EXPORTER.NAME}": name or address}.', exporter_items(COLLECTOR, "[{#EXPORTER}]", "{#EXPORTER.NAME}"))],
        "macros": macros([]),
    }, None
    verdicts, disagree = verdict_items()
    yield {
        "uuid": uuid(EXPORTER), "template": EXPORTER, "name": EXPORTER, "groups": [{"name": GROUP}],
        "description": "A device that exports NetFlow, IPFIX or sFlow to Weir.",
        "items": [alert_item(EXPORTER)] + exporter_items(EXPORTER, "", "") + verdicts,
        "discovery_rules": [discovery(EXPORTER, "weir.interfaces", "Interfaces in flows",
            'A list of {"{#IFINDEX}": number, "{#IFNAME}": name, "{#IFALIAS}": alias}.', interface_items())],
        "macros": macros([(f"{{$WEIR.VERDICT.{what}.{how}}}", value, f"The interfaces whose flows and SNMP counters may be a problem: their {word} {verb} this (regular expression).")
            for what, word in (("IFALIAS", "aliases"), ("IFNAME", "names")) for how, verb, value in (("MATCHES", "match", "^.*$"), ("NOT_MATCHES", "do not match", "CHANGE_IF_NEEDED"))]),
    }, disagree


def yaml(value, indent=0):
    """The little of YAML that is needed: maps, lists, and scalars in JSON's quotes, which are YAML's too."""
    pad = "  " * indent
    for key, one in value.items():
        if isinstance(one, list):
            yield f"{pad}{key}:"
            for entry in one:
                if isinstance(entry, dict):
                    lines = list(yaml(entry, indent + 2))
                    yield pad + "  - " + lines[0].lstrip()
                    yield from lines[1:]
                else:
                    yield f"{pad}  - {json.dumps(entry, ensure_ascii=False)}"
        elif isinstance(one, dict):
            yield f"{pad}{key}:"
            yield from yaml(one, indent + 1)
        else:
            yield f"{pad}{key}: {json.dumps(one, ensure_ascii=False)}"


def revision_line(both):
    """What both descriptions end with, so that settings page, installer and collector see whether what is imported is this."""
    return f"Revision {hashlib.sha256(json.dumps(both).encode()).hexdigest()[:12]}"


def header():
    return f"""// The templates of Zabbix that this version sends values for. Written by plugin/zabbix/generate_templates.py.
#pragma once

namespace weir {{

inline constexpr const char* kTemplateRevision = "{revision_line(list(templates()))}";

}}  // namespace weir
"""


def export(version):
    old = version == "6.0"
    head = {"version": version} | ({"date": "2026-11-25T00:00:00Z"} if old else {})
    groups = {"groups" if old else "template_groups": [{"uuid": uuid("group"), "name": GROUP}]}
    both = list(templates())
    revision = revision_line(both)
    for template, _ in both:
        template["description"] += f"\n{revision} of the module \"Flows by Weir\"."
    triggers = {"triggers": [one for _, one in both if one]}
    return "\n".join(yaml({"zabbix_export": head | groups | {"templates": [template for template, _ in both]} | triggers})) + "\n"


def main():
    check = sys.argv[1:] == ["--check"]
    files = {FOLDER / f"weir-{version}.yaml": export(version) for version in ("6.0", "7.0")} | {HEADER: header()}
    for file, text in files.items():
        if not check:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            sys.exit(f"{file} is not what generate_templates.py writes: run it and commit the result")


if __name__ == "__main__":
    main()
