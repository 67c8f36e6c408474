"""The commands. Exit status: 0 done, 1 failed, 2 wrong usage; `--json` prints JSON for scripts."""

import dataclasses
import errno
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import click
import orjson
from watchfiles import watch

from searchsvc import __version__
from searchsvc.api.serialize import answer_data, explained_data, index_data
from searchsvc.cli.output import field_lines, print_answer, print_part, print_queries, print_report, printable
from searchsvc.cli.progress import shown_progress, shown_scan
from searchsvc.cli.query_log import query_report
from searchsvc.config import FILE, METRICS_FOLDER, PREFIX, SETTINGS, Settings, environment, load_settings
from searchsvc.errors import SearchsvcError, ServiceError, UserError
from searchsvc.index.manifest import Manifest
from searchsvc.index.store import GenerationStore
from searchsvc.search.service import SearchService
from searchsvc.verify.audit import Audit, audit, count_mismatch

_REST_MS = 2_000
"""How long the folder has to be at rest, so that copying many files, or a large one, is followed once."""
_LONGEST_MS = 60_000
"""How long changes may go on before what there is of them is followed."""
_Command = TypeVar("_Command", bound=Callable[..., Any])
_HELP = {setting.name: f"{setting.help} [default: {setting.default}]" for setting in SETTINGS}


class _Commands(click.Group):
    """Turns our errors into one line and the right exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            _fail(error, 2)
        except SearchsvcError as error:
            _fail(error, 1)
        except BrokenPipeError:
            # Who read our output has seen enough; nothing may be written at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            _fail(ServiceError(f"{error.filename}: {error.strerror}" if error.filename else str(error)), 1)
        except KeyboardInterrupt:
            _fail(ServiceError("stopped; what was published before is live, and nothing half is"), 1)


def _fail(error: SearchsvcError, status: int) -> NoReturn:
    click.echo(f"searchsvc: {error}", err=True)
    sys.exit(status)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="searchsvc")
@click.option(
    "--config", type=click.Path(path_type=Path), default=Path(FILE), envvar=f"{PREFIX}CONFIG", help="The file of settings."
)
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """Full-text search for an archive of articles.

    Settings are options, environment variables (SEARCHSVC_CORPUS, SEARCHSVC_INDEX, …) or lines of searchsvc.toml.
    """
    ctx.obj = config


def _options(*names: str) -> Callable[[_Command], _Command]:
    """Options for these settings."""

    def decorate(command: _Command) -> _Command:
        for name in reversed(names):
            command = click.option(f"--{name}", name, default=None, metavar="VALUE", help=_HELP[name])(command)
        return command

    return decorate


def _settings(config: Path, **given: Any) -> Settings:
    return load_settings(os.environ, config, given)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@main.command()
@click.option("--full", is_flag=True, help="Read every file anew, whatever is known of it.")
@click.option("--part", metavar="N/M", help="Read one of M parts of the corpus; the last to be done publishes.")
@click.option("--watch", "follow", is_flag=True, help="Go on, and follow the folder until ctrl-C.")
@_options("corpus", "index", "engine", "language", "workers")
@_json_option
@click.pass_obj
def reindex(config: Path, /, full: bool, part: str | None, follow: bool, as_json: bool, **given: str | None) -> None:
    """Bring the index up to date with the corpus: read what changed, and publish the result at once."""
    settings = _settings(config, **given)
    if part is not None:
        if full or follow:
            raise UserError("--part goes neither with --full nor with --watch: a part is always read anew", param="part")
        _reindex_part(settings, part, as_json)
        return
    _reindex(settings, full, as_json)
    if follow:
        with suppress(KeyboardInterrupt):  # that is how following ends, wherever it is
            _follow(settings, as_json)


def _follow(settings: Settings, as_json: bool) -> None:
    """Reindex whenever the folder has changed and come to rest, until ctrl-C."""
    click.echo(f"following {settings.corpus}; ctrl-C ends it", err=True)
    caught_up = False
    changes = watch(
        settings.corpus,
        watch_filter=None,
        step=_REST_MS,
        debounce=_LONGEST_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    for changed in changes:
        # The first time, also what changed while the folder was read and nobody followed it yet.
        if changed or not caught_up:
            try:
                _reindex(settings, full=False, as_json=as_json, only_changes=True)
            except SearchsvcError as error:
                click.echo(f"searchsvc: {error}", err=True)  # the next change may mend it
        caught_up = True


def _reindex(settings: Settings, full: bool, as_json: bool, only_changes: bool = False) -> None:
    # Only this command needs the readers of files, which take a third of a second to load.
    from searchsvc.indexer.reindex import reindex as run  # noqa: PLC0415

    with shown_progress(quiet=as_json) as progress:
        report = run(settings, full=full, progress=progress)
    if only_changes and not report.published:
        return
    if as_json:
        _print_json(dataclasses.asdict(report))
        return
    print_report(report, table=not only_changes)


def _reindex_part(settings: Settings, part: str, as_json: bool) -> None:
    from searchsvc.indexer.distributed.parts import reindex_part  # noqa: PLC0415
    from searchsvc.indexer.distributed.plan import share  # noqa: PLC0415  as above

    with shown_progress(quiet=as_json) as progress:
        report = reindex_part(settings, share(part), progress)
    if as_json:
        _print_json(dataclasses.asdict(report))
    else:
        print_part(report)


@main.command()
@click.argument("query", default="")
@click.option("--filter", "filters", multiple=True, metavar="FIELD=VALUE", help="An exact value of a metadata field.")
@click.option("--from", "start", metavar="DATE", help="The first day: 2022, 2022-12 or 2022-12-23.")
@click.option("--to", "end", metavar="DATE", help="The last day.")
@click.option("--sort", metavar="ORDER", help="relevance, newest or oldest.")
@click.option("--match", metavar="HOW", help="all words, or any of them.")
@click.option("--page", metavar="N", help="Which page of hits.")
@click.option("--per-page", "per_page", metavar="N", help="Hits on a page.")
@_options("index")
@_json_option
@click.pass_obj
def search(
    config: Path, /, query: str, filters: tuple[str, ...], as_json: bool, index: str | None, **given: str | None
) -> None:
    """Search, and print the hits with what matched."""
    service = SearchService(_settings(config, index=index))
    names = {"start": "from", "end": "to"}
    pairs = [("q", query), *((names.get(name, name), value) for name, value in given.items() if value is not None)]
    answer = service.search(service.ask([*pairs, *map(_filter, filters)]))
    if as_json:
        _print_json(answer_data(answer))
    else:
        print_answer(answer)


@main.command()
@_options("host", "port", "workers", "threads", "corpus", "index", "engine", "language")
@click.option("--reindex", "first_reindex", is_flag=True, help="Bring the index up to date first.")
@click.option("--open", "open_browser", is_flag=True, help="Open the search page in a browser.")
@click.pass_context
def serve(ctx: click.Context, /, first_reindex: bool, open_browser: bool, **given: str | None) -> None:
    """Serve the search page and the API, under gunicorn."""
    settings = _settings(ctx.obj, **given)
    if first_reindex:
        _reindex(settings, full=False, as_json=False)
    _check_port(settings.host, settings.port)
    environ = environment(settings) | {f"{PREFIX}CONFIG": str(ctx.obj)}
    if open_browser:
        environ[f"{PREFIX}OPEN"] = "1"
    # Workers add up their metrics from files in this folder, which has to be known before any of them counts.
    environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="searchsvc-metrics-")
    config = "python:searchsvc.web.gunicorn_conf"
    # A fresh process: what reindexing has loaded would otherwise lie in every worker's memory.
    arguments = [sys.executable, "-m", "gunicorn", "--config", config, "searchsvc.web:create_app()"]
    sys.stdout.flush()
    os.execve(sys.executable, arguments, os.environ | environ)  # noqa: S606


@main.command()
@_options("index")
@_json_option
@click.pass_obj
def stats(config: Path, /, index: str | None, as_json: bool) -> None:
    """What the live generation holds."""
    service = SearchService(_settings(config, index=index))
    live = service.live()
    with Manifest(live.generation.manifest) as manifest:
        files, failures = len(manifest.files()), list(manifest.failures())
    kept = [generation.name for generation in service.index.generations()]
    if as_json:
        fields = {name: {"articles": articles, "values": values} for name, (articles, values) in live.info.fields.items()}
        details = {"language": live.info.language, "files": files, "generations": kept, "fields": fields}
        broken = [{"path": path, "reason": reason} for path, reason in failures]
        _print_json({**index_data(live), **details, "failures": broken})
        return
    info = live.info
    click.echo(f"{live.generation.name}: {info.articles:,} articles of {files:,} files, {info.engine}, {info.language}")
    click.echo(f"made {info.created}; kept: {', '.join(kept)}")
    for name, (articles, values) in sorted(info.fields.items(), key=lambda item: -item[1][0]):
        click.echo(f"  {name}: {articles:,} articles, about {values:,} values")
    for path, reason in failures:
        click.echo(printable(f"not read: {path}: {reason}"))


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(1), default=3, metavar="N", help="Articles of the file to show.")
@_json_option
@click.pass_obj
def inspect(config: Path, /, path: Path, limit: int, as_json: bool) -> None:
    """Show what the reader makes of a file: each field, and where in the file it was found."""
    from searchsvc.corpus import SUFFIXES, ExtractedArticle, FieldMapper, FileReader, ReadFailure, is_readable  # noqa: PLC0415

    if not path.is_file():
        raise UserError(f"{path} is not a file", param="path")
    if not is_readable(path.name):
        raise UserError(f"{path} is passed over: files that are read end in {', '.join(SUFFIXES)}", param="path")
    reading = FileReader(path, path.name, FieldMapper(_settings(config).mapping))
    found = list(islice(reading.extracted(), limit))
    failures = ({"path": item.path, "reason": item.reason} for item in found if isinstance(item, ReadFailure))
    articles = [explained_data(item.article, item.reasons) for item in found if isinstance(item, ExtractedArticle)]
    if as_json:
        _print_json({"articles": articles, "failures": list(failures)})
        return
    for article in articles:
        click.echo("\n".join(map(printable, field_lines(article["fields"]))) + "\n")
    for failure in failures:
        click.echo(printable(f"{failure['path']}: {failure['reason']}"), err=True)


@main.command()
@click.option(
    "--verify", type=click.IntRange(0, 100_000), default=0, metavar="N", help="Compare N random queries with a scan."
)
@click.option("--seed", type=int, default=None, metavar="N", help="Make the same random queries as before.")
@_options("index")
@_json_option
@click.pass_obj
def check(config: Path, /, verify: int, seed: int | None, index: str | None, as_json: bool) -> None:
    """Check the files of the live generation, and its answers against a plain scan of all articles."""
    service = SearchService(_settings(config, index=index))
    _refuse_damaged(service.index, as_json)
    live = service.live()
    seed = secrets.randbelow(2**31) if seed is None else seed
    problems = list(filter(None, [count_mismatch(live.generation, live.info, live.engine)]))
    with shown_scan(live.info.articles, quiet=as_json or not verify) as progress:
        found = audit(live.engine, live.info, verify, seed, progress) if verify else Audit(0, 0, ())
    if as_json:
        _print_json({**index_data(live), "damaged": problems, "seed": seed, **dataclasses.asdict(found)})
    else:
        click.echo(f"{live.generation.name}: {len(live.info.files)} files, {live.info.articles:,} articles")
        for line in (*problems, *found.differences):
            click.echo(printable(line))
        if verify:
            cut = f"; {found.cut} more were cut, as their notes say" if found.cut else ""
            click.echo(f"{found.compared} random queries compared with a scan{cut} (seed {seed})")
        click.echo("all files are as they were published")
    if problems or found.differences:
        sys.exit(1)


def _refuse_damaged(index: GenerationStore, as_json: bool) -> None:
    """Where files of the live generation are damaged, say which, and which generation to go back to, and exit."""
    live = index.live()
    problems = list(live.verify_checksums()) if live is not None else []
    if live is None or not problems:
        return
    whole = index.earlier()
    if as_json:
        _print_json({"generation": live.name, "damaged": problems, "whole": whole.name if whole else None})
        sys.exit(1)
    for line in problems:
        click.echo(printable(line))
    click.echo(f"{live.name} is damaged, in {len(problems)} of its files")
    back = f"{whole.name} is as it was published: `searchsvc rollback` makes it live again; " if whole else ""
    click.echo(f"{back}`searchsvc reindex --full` builds a new one from the corpus")
    sys.exit(1)


@main.command()
@click.argument("log", type=click.File("rb"))
@click.option("--top", type=click.IntRange(1, 10_000), default=20, metavar="N", help="Queries of each kind to list.")
@_json_option
def report(log: IO[bytes], top: int, as_json: bool) -> None:
    """What was searched for most, in vain and slowly, from an access log; - reads standard input."""
    found = query_report(log, top)
    if as_json:
        _print_json(dataclasses.asdict(found))
    else:
        print_queries(found)


@main.command()
@_options("index")
@_json_option
@click.pass_obj
def rollback(config: Path, /, index: str | None, as_json: bool) -> None:
    """Go back to the last generation before the live one that is not damaged."""
    generation = SearchService(_settings(config, index=index)).rollback()
    if as_json:
        _print_json({"generation": generation.name})
    else:
        click.echo(f"{generation.name} is live again")


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UserError(f"--filter {text}: it takes FIELD=VALUE, such as place=India", param="filter")
    return name, value


def _check_port(host: str, port: int) -> None:
    """Say clearly what gunicorn would say five times over."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            what = "is in use: stop what uses it" if in_use else f"cannot be served on ({error.strerror}): check --host"
            raise ServiceError(f"port {port} of {host} {what}, or choose another port with --port") from error


# Output


def _print_json(data: Any) -> None:
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())


if __name__ == "__main__":
    main()
