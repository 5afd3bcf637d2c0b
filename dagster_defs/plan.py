"""Say what a job would do, and change nothing: ``make plan``."""

import sys
import warnings

from dagster_defs.arguments import make_parser, require_data, settings_of, wanted_types
from dagster_defs.resources import DOWNLOAD_DIR, Locations, raw_dirs, warehouse_dir
from dagster_defs.settings import Settings, SourceName
from python_assets.errors import WarehouseError
from python_assets.plan.benchmarks import plan_benchmarks
from python_assets.plan.plan import make_plan
from python_assets.plan.report import report
from python_assets.plan.request import Request
from python_assets.sources.found import Source
from python_assets.sources.registry import load_registry


def main() -> int:
    """Print the plan of the run that the arguments name; return the process's exit code."""
    arguments = make_parser(__doc__).parse_args()
    warnings.filterwarnings("ignore", module="dagster.*")
    try:
        registry = load_registry()
        settings = Settings(**settings_of(arguments, registry))
        request = _request(settings, require_data(wanted_types(arguments), settings, registry))
        plans = make_plan(wanted_types(arguments), registry, request)
        benchmarks = plan_benchmarks(settings.parsed_benchmarks(), request.source)
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    is_new = "" if request.root.is_dir() else ", which does not exist yet"
    print(f"would read  {request.source}\nwould write {request.root}{is_new}\n")
    print(*report(plans, benchmarks, request), sep="\n")
    return 0


def _request(settings: Settings, source: Source) -> Request:
    locations = Locations(raw_dirs(), warehouse_dir())
    identity = settings.identity()
    return Request(
        source=source,
        selection=settings.selection(),
        root=locations.root,
        downloads=(*locations.raw_dirs, DOWNLOAD_DIR)[0] if settings.source is SourceName.hub else None,
        store=locations.store(identity.key),
        dimension=identity.dimension,
        forest=settings.forest_for(max(settings.eps_max, settings.radius())),
        eps=settings.resolved_eps(),
        settings=settings.deciding_files(),
        writes_embeddings=settings.write_embeddings,
    )


if __name__ == "__main__":
    sys.exit(main())
