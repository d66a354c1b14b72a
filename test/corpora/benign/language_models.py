"""Files of language models as their tools write them, built from the formats' own documentation: safetensors, GGUF, tokenizers, templates."""
import json
import struct

CHATML = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
LLAMA = "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
MISTRAL = "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
TOOLS = "{%- if tools %}{{- '<tools>' }}{%- for tool in tools %}{{- tool | tojson(indent=4) }}{%- endfor %}{{- '</tools>' }}{%- endif %}{%- set ns = namespace(found=false, last=messages|length - 1) %}{%- for m in messages[::-1] %}{%- if m.role == 'user' and not ns.found %}{%- set ns.found = true %}{%- endif %}{{- m.content if m.content is string else m.content | map(attribute='text') | join(' ') }}{%- endfor %}{%- macro render(x) %}{{ x | upper }}{%- endmacro %}{{ render('a') }}{%- if strftime_now is defined %}{{ strftime_now('%Y-%m-%d') }}{%- endif %}"
GEMMA = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
SPLIT = "{% for m in messages %}{% if '</think>' in m['content'] %}{% set c = m['content'].split('</think>')[-1].lstrip('\n') %}{% else %}{% set c = m['content'] %}{% endif %}{{ c.strip() ~ eos_token }}{% for k, v in m.items() %}{% if v is not none and v is mapping %}{{ k|capitalize }}: {{ v|dictsort|list|length }}{% endif %}{% endfor %}{% endfor %}"


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(pairs, tensors=()):
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs))
    for key, value in pairs:
        out += text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + text(value)
        elif isinstance(value, bool):
            out += struct.pack("<IB", 7, value)
        elif isinstance(value, float):
            out += struct.pack("<If", 6, value)
        elif isinstance(value, int):
            out += struct.pack("<II", 4, value)
        else:
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    offset, data = 0, b""
    for name, count in tensors:
        out += text(name) + struct.pack("<IQIQ", 1, count, 0, offset)
        block = struct.pack("<f", 1.0) * count
        data += block + b"\0" * (-len(block) % 32)
        offset = len(data)
    return out + b"\0" * (-len(out) % 32) + data if tensors else out


def safetensors(tensors, metadata=None):
    header, offset = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for name, (kind, width, shape) in tensors.items():
        size = width
        for side in shape:
            size *= side
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    body = json.dumps(header, separators=(",", ":")).encode()
    body += b" " * (-len(body) % 8)
    return struct.pack("<Q", len(body)) + body + b"\1" * offset


def write(writer):
    for name, template in {"chatml": CHATML, "llama": LLAMA, "mistral": MISTRAL, "tools": TOOLS, "gemma": GEMMA, "split": SPLIT}.items():
        writer.write(f"{name}.gguf", gguf([("general.architecture", "llama"), ("general.name", name), ("llama.context_length", 4096), ("llama.rope.freq_base", 10000.0), ("tokenizer.ggml.tokens", ["<s>", "</s>", "a", "b"]), ("tokenizer.chat_template", template), ("tokenizer.ggml.add_bos_token", True)], [("output.weight", 8), ("token_embd.weight", 12)]))
        writer.write(f"{name}/tokenizer_config.json", json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template, "model_max_length": 4096, "bos_token": "<s>"}))
        writer.write(f"{name}/chat_template.jinja", template)
    for count in (1, 2, 5, 20):
        for kind, width in (("F32", 4), ("F16", 2), ("BF16", 2), ("I64", 8), ("BOOL", 1), ("U8", 1), ("F8_E4M3", 1)):
            writer.write(f"weights-{kind.lower()}-{count}.safetensors", safetensors({f"model.layers.{i}.weight": (kind, width, [2, 3]) for i in range(count)}, {"format": "pt"} if count % 2 else None))
    for model_type in ("llama", "bert", "gpt2", "t5", "whisper", "vit", "clip"):
        writer.write(f"{model_type}/config.json", json.dumps({"architectures": [model_type.capitalize() + "Model"], "model_type": model_type, "hidden_size": 64, "torch_dtype": "float32", "transformers_version": "4.40.0", "vocab_size": 100}))
        writer.write(f"{model_type}/generation_config.json", json.dumps({"bos_token_id": 1, "eos_token_id": 2, "transformers_version": "4.40.0"}))
    writer.write("lora/adapter_config.json", json.dumps({"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"], "base_model_name_or_path": "org/model", "task_type": "CAUSAL_LM", "auto_mapping": None}))
    writer.write("diffusion/model_index.json", json.dumps({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "tokenizer": ["transformers", "CLIPTokenizer"]}))
    writer.write("tokenizer.json", json.dumps({"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": {"type": "Whitespace"}, "model": {"type": "WordLevel", "vocab": {"a": 0, "os.system": 1, "eval": 2}, "unk_token": "a"}}))
    writer.write("special_tokens_map.json", json.dumps({"bos_token": "<s>"}))
