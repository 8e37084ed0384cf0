"""Use case: examine whether a run could do its work on this machine."""

from __future__ import annotations

from attrs import frozen

from caldp.app.ports.probe import Probe
from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.output.location import parse_input
from caldp.domain.run.health import Finding
from caldp.domain.run.settings import Settings


@frozen
class Examine:
    """Examines a machine; built by `caldp.factories.make_examination`.

    Attributes
    ----------
    programs
        Looks at Python, packages and calibration programs.
    references
        Looks at the cache of reference files.
    machine
        Looks at scratch space and memory.
    network
        Looks at the servers that runs ask.
    astrometry
        Looks at the servers that engines ask for better astrometry.
    """

    programs: Probe
    references: Probe
    machine: Probe
    network: Probe
    astrometry: Probe

    def __call__(self, settings: Settings, *, offline: bool = False) -> tuple[Finding, ...]:
        """Examine the machine for runs under settings.

        Parameters
        ----------
        settings
            Resolved settings. Where observations are simulated, references are too, and no server is asked.
        offline
            Ask no server.

        Raises
        ------
        InvalidLocation
            If the input of the settings is no location.
        """
        simulated = parse_input(settings.input).is_simulated
        probes = [
            self.programs,
            *(() if simulated else (self.references,)),
            self.machine,
            *(() if simulated or offline else (self.network,)),
            *(() if simulated or offline or settings.astrometry is Astrometry.OFF else (self.astrometry,)),
        ]
        return tuple(finding for probe in probes for finding in probe(settings))
