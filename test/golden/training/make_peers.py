"""Writes the golden runs of BatchTopK, Matryoshka, Gated and JumpReLU SAEs.

The programs that train such SAEs make them.

    python make_peers.py    (made with PyTorch 2.15.0, dictionary-learning 0.1.0, sae-lens 6.54.12,
                            safetensors; seed 20261130)

`batchtopk`, `matryoshka` and `gated` are whole steps of dictionary_learning's trainers. `jumprelu`
and `jumprelu_tanh` take loss and gradients from SAELens's JumpReLUTrainingSAE; atoms are kept at
length one by dictionary_learning's two functions, as all linear architectures here keep them. Each
file holds the starting weights, ten batches used in turn, the loss of every step and the weights
after the last one, as make.py's do.
"""

import sys
import torch
from safetensors.torch import save_file
from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer
from dictionary_learning.trainers.gdm import GatedSAETrainer
from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKTrainer
from dictionary_learning.trainers.trainer import remove_gradient_parallel_to_decoder_directions, set_decoder_norm_to_unit_norm
from sae_lens.saes.jumprelu_sae import JumpReLUTrainingSAE, JumpReLUTrainingSAEConfig
from sae_lens.saes.sae import TrainStepInput

torch.set_num_threads(1)
BATCH, D, F, K, STEPS, BATCHES = 64, 24, 60, 5, 50, 10
SEED = 20261130


def data(generator):
    features = torch.randn(40, D, generator=generator)
    out = []
    for _ in range(BATCHES):
        active = (torch.rand(BATCH, 40, generator=generator) < 0.1).float()
        out.append((active * torch.rand(BATCH, 40, generator=generator)) @ features + 0.5 + 0.05 * torch.randn(BATCH, D, generator=generator))
    return torch.stack(out)


def copied(tensors):
    return {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}


def batchtopk(x):
    trainer = BatchTopKTrainer(
        steps=STEPS, activation_dim=D, dict_size=F, k=K, layer=0, lm_name="none", lr=3e-3, warmup_steps=5, decay_start=40,
        threshold_beta=0.99, threshold_start_step=-1, seed=SEED, device="cpu",
    )
    trainer.dead_feature_threshold = 192
    ae = trainer.ae
    weights = lambda: {"W_enc": ae.encoder.weight, "W_dec": ae.decoder.weight.T, "b_enc": ae.encoder.bias, "b_dec": ae.b_dec}
    start = copied(weights())
    losses = [trainer.update(step, x[step % BATCHES]) for step in range(STEPS)]
    return start, losses, copied(weights()) | {"threshold": ae.threshold.reshape(1).clone()}


def matryoshka(x):
    trainer = MatryoshkaBatchTopKTrainer(
        steps=STEPS, activation_dim=D, dict_size=F, k=K, layer=0, lm_name="none", group_fractions=[0.25, 0.25, 0.5],
        group_weights=[1.0, 1.0, 1.0], lr=3e-3, warmup_steps=5, decay_start=40, threshold_beta=0.99, threshold_start_step=-1,
        seed=SEED, device="cpu",
    )
    trainer.dead_feature_threshold = 192
    ae = trainer.ae
    weights = lambda: {"W_enc": ae.W_enc.T, "W_dec": ae.W_dec, "b_enc": ae.b_enc, "b_dec": ae.b_dec}
    start = copied(weights())
    losses = [trainer.update(step, x[step % BATCHES]) for step in range(STEPS)]
    return start, losses, copied(weights()) | {"threshold": ae.threshold.reshape(1).clone()}


def gated(x):
    trainer = GatedSAETrainer(
        steps=STEPS, activation_dim=D, dict_size=F, layer=0, lm_name="none", lr=3e-3, l1_penalty=0.1, warmup_steps=5,
        sparsity_warmup_steps=20, seed=SEED, device="cpu",
    )
    ae = trainer.ae
    weights = lambda: {
        "W_enc": ae.encoder.weight, "W_dec": ae.decoder.weight.T, "b_gate": ae.gate_bias, "b_mag": ae.mag_bias, "r_mag": ae.r_mag,
        "b_dec": ae.decoder_bias,
    }
    start = copied(weights())
    losses = []
    for step in range(STEPS):
        losses.append(trainer.loss(x[step % BATCHES], step).item())
        trainer.update(step, x[step % BATCHES])
    return start, losses, copied(weights())


def jumprelu(x, mode, ste_to_input):
    torch.manual_seed(SEED)
    coefficient = 0.02
    cfg = JumpReLUTrainingSAEConfig(
        d_in=D, d_sae=F, jumprelu_init_threshold=0.1, jumprelu_bandwidth=0.2, jumprelu_sparsity_loss_mode=mode,
        jumprelu_ste_to_input=ste_to_input, l0_coefficient=coefficient,
    )
    sae = JumpReLUTrainingSAE(cfg)
    with torch.no_grad():
        sae.W_dec.data = set_decoder_norm_to_unit_norm(sae.W_dec.T, D, F).T.contiguous()
        sae.W_enc.data = sae.W_dec.data.T.clone().contiguous()
    weights = lambda: {"W_enc": sae.W_enc.T, "W_dec": sae.W_dec, "b_enc": sae.b_enc, "b_dec": sae.b_dec, "threshold": sae.threshold}
    start = copied(weights())
    optimizer = torch.optim.Adam(sae.parameters(), lr=3e-3, betas=(0.0, 0.999))
    losses, near = [], 0
    for step in range(STEPS):
        batch = x[step % BATCHES]
        out = sae.training_forward_pass(TrainStepInput(
            sae_in=batch, coefficients={"l0": coefficient}, dead_neuron_mask=None, n_training_steps=step, is_logging_step=False))
        optimizer.zero_grad()
        out.loss.backward()
        near += int(((out.hidden_pre - sae.threshold).abs() < 0.1).sum())
        sae.W_dec.grad = remove_gradient_parallel_to_decoder_directions(sae.W_dec.T, sae.W_dec.grad.T, D, F).T
        optimizer.step()
        with torch.no_grad():
            sae.W_dec.data = set_decoder_norm_to_unit_norm(sae.W_dec.T, D, F).T
            sae.threshold.data.clamp_(min=0.0)
        losses.append(out.loss.item())
    assert near > 1000, "thresholds had hardly any gradient"
    return start, losses, copied(weights())


RUNS = {
    "batchtopk": batchtopk,
    "matryoshka": matryoshka,
    "gated": gated,
    "jumprelu": lambda x: jumprelu(x, "step", False),
    "jumprelu_tanh": lambda x: jumprelu(x, "tanh", True),
}
for name in sys.argv[1:] or RUNS:
    x = data(torch.Generator().manual_seed(SEED))
    start, losses, end = RUNS[name](x)
    print(name, losses[0], losses[-1])
    tensors = {"x": x, "losses": torch.tensor(losses)}
    tensors |= {f"start.{k}": v for k, v in start.items()} | {f"end.{k}": v for k, v in end.items()}
    save_file(tensors, f"{name}.safetensors")
