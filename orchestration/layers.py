"""The layers of the dbt project as Dagster assets, and their dbt tests as asset checks.

One definition per layer, so that a gate can stand between two layers. Belongs here: the translation from dbt's
manifest; what a model means is said in its YAML.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from ingestion.warehouse.transactions import one_line_errors, unusable
from orchestration import progress
from orchestration.checks import CheckResult
from orchestration.nights import newest_vintage
from orchestration.refusals import refused, take_back
from orchestration.run_lock import WRITER
from orchestration.transform import Built, Dbt, NodeResult, what_was_built

LAYERS = ("staging", "intermediate", "marts")
OWNERS = ["team:rotation"]
_KEEPS_ROWS = "intermediate"  # the layer of incremental models that follow from raw, whatever they kept
_SCHEMAS_OF_LAYER = {"staging": ("seeds", "staging")}


class Translator(DagsterDbtTranslator):
    """Assets are named as the tables are: schema, then table. A quarantine belongs to its raw table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        found: str = dbt_resource_props["schema"]
        return found

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        return OWNERS


_translator = Translator()


def layer_assets(manifest: Mapping[str, Any], layer: str) -> dg.AssetsDefinition:
    """The assets and checks of one layer, materialised by one dbt build in this process."""
    nodes = {
        unique_id: _translator.get_asset_spec(manifest, unique_id, None) for unique_id in layer_nodes(manifest, layer)
    }
    tests = dict(_tests(manifest, nodes))

    @dg.multi_asset(
        name=f"dbt_{layer}",
        specs=list(nodes.values()),
        check_specs=list(tests.values()),
        can_subset=True,
        pool="warehouse",
        required_resource_keys={WRITER},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        home = Home()
        chosen = {key: spec.key for key, spec in nodes.items() if spec.key in context.selected_asset_keys}
        vintage = newest_vintage(home)
        progress.say(f"dbt: {len(chosen)} tables of {layer}")
        with writer_lock(home.home, f"building {layer}"), one_line_errors(home.warehouse):
            names = [manifest["nodes"][unique_id]["name"] for unique_id in chosen]
            doubted = refused(home) if layer == _KEEPS_ROWS else []
            if doubted:
                context.log.info(f"built from nothing, because a gate refused {', '.join(doubted)}")
            for told in take_back(home, [manifest["nodes"][unique_id] for unique_id in chosen]):
                context.log.info(told)
            nodes_built = Dbt(home).build(names, vintage, from_nothing=bool(doubted))
            results = {result.unique_id: result for result in nodes_built}
            built = [(key.path[0], key.path[1]) for unique_id, key in chosen.items() if results[unique_id].ok]
            found = what_was_built(home.warehouse, built)
        for unique_id, key in chosen.items():
            if results[unique_id].ok:
                yield _materialised(
                    nodes[unique_id],
                    results[unique_id],
                    found[key.path[0], key.path[1]],
                    _descriptions(manifest["nodes"][unique_id]),
                    vintage.night.day.isoformat(),
                )
        for unique_id, spec in tests.items():
            if spec.key in context.selected_asset_check_keys and unique_id in results:
                yield _checked(spec, results[unique_id], manifest["nodes"][unique_id]["config"]["severity"])
        broken = [results[unique_id] for unique_id in chosen if not results[unique_id].ok]
        if broken:
            raise _not_built(broken, layer, home)

    return build


def _not_built(broken: Sequence[NodeResult], layer: str, home: Home) -> Exception:
    """What is wrong with each table; of the file under them all it is told once, with what to do."""
    troubles = [result.trouble_with_the_file for result in broken if result.status != "skipped"]
    if troubles and troubles[0] is not None and all(troubles):
        return unusable(home.warehouse, troubles[0])
    text = "; ".join(f"{result.unique_id.split('.')[-1]}: {result.message}" for result in broken)
    return dg.Failure(f"{len(broken)} tables of {layer} were not built: {text}", allow_retries=False)


def layer_nodes(manifest: Mapping[str, Any], layer: str) -> list[str]:
    """The models and seeds of one layer, each after what it depends on."""
    schemas = _SCHEMAS_OF_LAYER.get(layer, (layer,))
    return [unique_id for unique_id in _in_order(manifest) if manifest["nodes"][unique_id]["schema"] in schemas]


def mart_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """What a publication waits for."""
    nodes = (manifest["nodes"][unique_id] for unique_id in _in_order(manifest))
    return [_translator.get_asset_key(node) for node in nodes if node["schema"] == "marts"]


def _in_order(manifest: Mapping[str, Any]) -> list[str]:
    """Models and seeds, each after what it depends on: Dagster wants its results in this order."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    graph = {key: node.get("depends_on", {}).get("nodes", ()) for key, node in nodes.items()}
    return [unique_id for unique_id in TopologicalSorter(graph).static_order() if unique_id in nodes]


def _tests(manifest: Mapping[str, Any], nodes: Mapping[str, dg.AssetSpec]) -> Iterable[tuple[str, dg.AssetCheckSpec]]:
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "test" and node.get("attached_node") in nodes:
            asset = nodes[node["attached_node"]]
            blocking = node["config"]["severity"].lower() == "error"
            yield (
                unique_id,
                dg.AssetCheckSpec(
                    f"dbt_{node['alias']}", asset=asset.key, blocking=blocking, description=node["description"] or None
                ),
            )


def _descriptions(node: Mapping[str, Any]) -> dict[str, str]:
    return {name: column["description"] for name, column in node["columns"].items()}


def _materialised(
    spec: dg.AssetSpec, result: NodeResult, built: Built, descriptions: Mapping[str, str], night: str
) -> dg.MaterializeResult[None]:
    columns = [dg.TableColumn(name, kind, descriptions.get(name)) for name, kind in built.columns.items()]
    return dg.MaterializeResult(
        asset_key=spec.key,
        metadata={
            **({} if built.rows is None else {"dagster/row_count": built.rows}),
            "dagster/column_schema": dg.TableSchema(columns),
            "seconds": round(result.seconds, 3),
            "night": night,
            "dbt": result.message,
        },
    )


def _checked(spec: dg.AssetCheckSpec, result: NodeResult, severity: str) -> dg.AssetCheckResult:
    evaluated = result.status in ("pass", "fail", "warn")
    strict = not evaluated or severity.lower() == "error"
    return CheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.ERROR if strict else dg.AssetCheckSeverity.WARN,
        description=result.message or None,
        metadata={"evaluated": evaluated, "refused_rows": result.failures or 0},
    )
