"""What the gate knows of an environment beside a generator's own transitions."""

from envs.resettable import Resettable
from expert_data.generator.fitting import Material
from expert_data.generator.saved import Description
from expert_data.generator.situations import known_situations, users_situation
from expert_data.quality.gate import Reality


def opened_reality(material: Material, description: Description) -> Reality:
    """The parts of a generator's transitions, the rare situations, and the simulator where it can be put back.

    Raises:
        InputError: a user's situation cannot be imported.
    """
    dataset, rows = material.dataset, material.rows
    held_out = dataset.held_out
    situations = known_situations(dataset, rows)
    if ":" in description.situation:
        situations[description.situation] = users_situation(description.situation)
    assert held_out.actions is not None, "a tape has actions"
    simulator = Resettable.of(
        description.env_id, description.env_kwargs, held_out.observations, held_out.actions, held_out.next_observations
    )
    return Reality(dataset.learned, held_out, dataset.beside, rows, situations, simulator)
