"""PyTorch: state dicts, whole modules, optimizers, checkpoints, scripted and traced modules, in the new and the old format."""
import collections
import pickle

import torch
from torch import nn


def layers():
    return {
        "linear": nn.Linear(4, 2), "conv1d": nn.Conv1d(2, 2, 3), "conv2d": nn.Conv2d(1, 2, 3), "conv3d": nn.Conv3d(1, 1, 2), "deconv": nn.ConvTranspose2d(1, 1, 2), "batchnorm": nn.BatchNorm2d(3), "layernorm": nn.LayerNorm(4),
        "groupnorm": nn.GroupNorm(2, 4), "instancenorm": nn.InstanceNorm2d(2), "lstm": nn.LSTM(3, 4, 2), "gru": nn.GRU(3, 4), "rnn": nn.RNN(3, 4), "lstmcell": nn.LSTMCell(2, 3), "embedding": nn.Embedding(10, 3), "embeddingbag": nn.EmbeddingBag(10, 3),
        "attention": nn.MultiheadAttention(4, 2), "encoder": nn.TransformerEncoderLayer(4, 2, 8), "decoder": nn.TransformerDecoderLayer(4, 2, 8), "transformer": nn.Transformer(4, 2, 1, 1, 8), "bilinear": nn.Bilinear(2, 2, 2), "prelu": nn.PReLU(),
        "sequential": nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(), nn.Linear(8, 3), nn.Softmax(1)),
        "modulelist": nn.ModuleList([nn.Linear(2, 2), nn.GELU()]), "moduledict": nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Tanh()}), "parameterlist": nn.ParameterList([nn.Parameter(torch.ones(2))]),
        "activations": nn.Sequential(nn.ELU(), nn.SELU(), nn.SiLU(), nn.Mish(), nn.LeakyReLU(), nn.Sigmoid(), nn.Hardswish(), nn.LogSoftmax(1), nn.Softplus()), "pooling": nn.Sequential(nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.MaxPool1d(2), nn.Upsample(scale_factor=2)),
        "spectral": nn.utils.spectral_norm(nn.Linear(3, 3)), "weightnorm": nn.utils.weight_norm(nn.Linear(3, 3)),
    }


def write(writer):
    torch.manual_seed(0)
    for name, module in layers().items():
        writer.attempt(name, lambda: torch.save(module.state_dict(), writer.path(f"{name}.state.pt")))
        writer.attempt(name, lambda: torch.save(module.state_dict(), writer.path(f"{name}.state.legacy.pth"), _use_new_zipfile_serialization=False))
        writer.attempt(name, lambda: torch.save(module, writer.path(f"{name}.module.pt")))
        writer.attempt(name, lambda: writer.write(f"{name}.pkl", pickle.dumps(module, 4)))
        if name not in ("moduledict", "modulelist", "parameterlist", "weightnorm", "spectral"):
            writer.attempt(name, lambda: torch.jit.script(module).save(writer.path(f"{name}.script.pt")))
    tensors = {"float": torch.ones(3, 2), "half": torch.ones(2).half(), "bfloat": torch.ones(2).bfloat16(), "int": torch.arange(5), "bool": torch.tensor([True]), "complex": torch.ones(2, dtype=torch.complex64), "empty": torch.zeros(0), "scalar": torch.tensor(3.0), "view": torch.arange(10)[2:5], "transposed": torch.ones(2, 3).t(), "sparse": torch.eye(3).to_sparse(), "parameter": nn.Parameter(torch.ones(2)), "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)}
    for name, tensor in tensors.items():
        writer.attempt(name, lambda: torch.save(tensor, writer.path(f"tensor-{name}.pt")))
        writer.attempt(name, lambda: writer.write(f"tensor-{name}.pkl", pickle.dumps(tensor, 4)))
    writer.attempt("all tensors", lambda: torch.save(collections.OrderedDict(tensors), writer.path("tensors.bin")))
    model = layers()["sequential"]
    for cls in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.LBFGS):
        optimizer = cls(model.parameters(), lr=0.1)
        writer.attempt(cls.__name__, lambda: torch.save({"epoch": 3, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.5, "args": {"lr": 0.1}}, writer.path(f"checkpoint-{cls.__name__}.ckpt")))
        writer.attempt(cls.__name__, lambda: torch.save(optimizer, writer.path(f"optimizer-{cls.__name__}.pt")))
    writer.attempt("trace", lambda: torch.jit.trace(model, torch.ones(1, 1, 6, 6)).save(writer.path("traced.pt")))
    writer.attempt("size", lambda: torch.save({"size": torch.Size([1, 2]), "dtype": torch.float32, "device": torch.device("cpu"), "rng": torch.get_rng_state()}, writer.path("others.pt")))
    vision(writer)


def vision(writer):
    def save():
        import torchvision

        for name in ("squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5"):
            model = getattr(torchvision.models, name)()
            torch.save(model.state_dict(), writer.path(f"{name}.pth"))
        torch.save(model, writer.path(f"{name}.module.pth"))

    writer.attempt("torchvision", save)
