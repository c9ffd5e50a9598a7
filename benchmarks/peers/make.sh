#!/usr/bin/env bash
# Make the virtual environments of the libraries that the benchmarks compare with:
#
#     make.sh FOLDER
#
# FOLDER/imitation runs `peer.py --algo gail`, FOLDER/sb3 runs `peer.py --algo ppo`. Calling it again repairs what is
# missing and leaves the rest alone. Set PYTHON to choose the interpreter (tried with Python 3.11).
set -euo pipefail

if [[ $# -ne 1 ]]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi
folder=$1

torch=(torch==2.13.0)
# Both peers get the same simulator, so that they and the project step the very same tasks.
learner=(numpy==2.4.6 "gymnasium[mujoco,box2d]==1.4.0" mujoco==4.0.0 stable-baselines3==2.9.2)
# What Stable-Baselines3's wrappers for Atari require.
atari=(ale-py==0.12.1 opencv-python-headless==5.0.0.93)
# What imitation 1.0.1 and seals 0.2.1 require, apart from Gymnasium and Stable-Baselines3.
requirements=(
    cloudpickle==3.1.2
    datasets==5.0.1
    huggingface-sb3==3.0
    matplotlib==3.11.2
    optuna==5.0.0
    pandas==3.1.1
    pygame==2.6.1
    rich==15.0.0
    sacred==0.8.7
    scikit-learn==1.9.1
    tensorboard==2.21.0
    tqdm==4.70.1
)
# imitation pins Gymnasium 0.29 and Stable-Baselines3 2.2, which know no Hopper-v5 (and this Stable-Baselines3 does not
# import with a newer Gymnasium). It runs unchanged on today's versions, hence without its own pins; `pip check` names
# these two and nothing else.
unpinned=(imitation==1.0.1 seals==0.2.1)

make_venv() {
    local venv=$1
    if [[ ! -x $venv/bin/pip ]]; then
        "${PYTHON:-python3}" -m venv "$venv"
    fi
    # Torch goes first and alone: everything else accepts any recent torch and would pull in another one.
    "$venv/bin/pip" install --quiet "${torch[@]}"
}

make_venv "$folder/imitation"
"$folder/imitation/bin/pip" install --quiet "${torch[@]}" "${learner[@]}" "${requirements[@]}"
"$folder/imitation/bin/pip" install --quiet --no-deps "${unpinned[@]}"
"$folder/imitation/bin/python" -c '
import gymnasium
import imitation.algorithms.adversarial.gail
gymnasium.make("Hopper-v5").close()'

make_venv "$folder/sb3"
"$folder/sb3/bin/pip" install --quiet "${torch[@]}" "${learner[@]}" "${atari[@]}"
"$folder/sb3/bin/python" -c '
import gymnasium
import stable_baselines3
gymnasium.make("Hopper-v5").close()'

echo "made $folder/imitation and $folder/sb3"
