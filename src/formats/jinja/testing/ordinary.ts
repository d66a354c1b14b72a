/** Chat templates built the way popular models build theirs, in words of our own. None may be reported. */
export const ordinaryTemplates: { readonly [family: string]: string } = {
  "no tags": "Plain text.",
  ChatML:
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  "ChatML with a standard system prompt":
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a friendly and careful assistant.<|im_end|>\\n' }}{% endif %}" +
    "{{ '<|im_start|>' ~ message.role ~ '\\n' ~ message.content ~ '<|im_end|>\\n' }}{% endfor %}",
  "instructions in brackets":
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}" +
    "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}" +
    "{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must take turns, beginning with the user') }}{% endif %}" +
    "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}" +
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
  "headers, date and tools": `{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- if not date_string is defined %}
  {%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}{%- else %}{%- set date_string = "01 Jan 2024" %}{%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}{%- else %}{%- set system_message = "" %}{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}{{- "Environment: python\\n" }}{%- endif %}
{%- if builtin_tools is defined %}{{- "Tools: " + builtin_tools | reject('equalto', 'code_interpreter') | join(", ") + "\\n\\n"}}{%- endif %}
{{- "Knowledge ends: December 2023\\nToday is " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
  {{- "You may call these functions. Answer with JSON that names the function and its parameters. Do not use variables.\\n\\n" }}
  {%- for t in tools %}{{- t | tojson(indent=4) }}{{- "\\n\\n" }}{%- endfor %}
{%- endif %}
{{- system_message }}{{- "<|eot_id|>" }}
{%- for message in messages %}
  {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
  {%- elif 'tool_calls' in message %}
    {%- if not message.tool_calls|length == 1 %}{{- raise_exception("Only one call at a time is possible here!") }}{%- endif %}
    {%- set tool_call = message.tool_calls[0].function %}
    {{- '{"name": "' + tool_call.name + '", ' }}{{- '"parameters": ' }}{{- tool_call.arguments | tojson }}{{- "}" }}
  {%- elif message.role == "tool" %}
    {%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
  {%- endif %}
{%- endfor %}`,
  "reasoning kept out of earlier turns": `{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
  {%- set index = (messages|length - 1) - loop.index0 %}
  {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
    {%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}
  {%- endif %}
{%- endfor %}
{%- for message in messages %}
  {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
  {%- if message.role == "assistant" %}
    {%- set reasoning_content = '' %}
    {%- if message.reasoning_content is string %}{%- set reasoning_content = message.reasoning_content %}
    {%- elif '</think>' in content %}
      {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
      {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {%- if loop.index0 > ns.last_query_index and (loop.last or reasoning_content) %}
      {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
    {%- else %}{{- '<|im_start|>' + message.role + '\\n' + content }}{%- endif %}
    {%- for tool_call in message.tool_calls %}
      {%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}
      {{- '<tool_call>\\n{"name": "' }}{{- tool_call.name }}{{- '", "arguments": ' }}
      {%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}{{- '}\\n</tool_call>' }}
    {%- endfor %}
  {%- elif message.role == "tool" %}
    {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
    {{- '\\n<tool_response>\\n' }}{{- content }}{{- '\\n</tool_response>' }}
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}`,
  "turns with a table of role names": `{{ bos_token }}{%- set names = {'user': 'user', 'assistant': 'model'} -%}
{%- for message in messages -%}
  {%- if message['role'] == 'assistant' -%}{%- set role = 'model' -%}{%- else -%}{%- set role = message['role'] -%}{%- endif -%}
  {{ '<start_of_turn>' + names.get(role, role) + '\\n' }}{{ names[message['role']] }}
  {%- if message['content'] is string -%}{{ message['content'] | trim }}
  {%- else -%}{%- for item in message['content'] -%}{%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}{%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}{%- endfor -%}{%- endif -%}
  {{ '<end_of_turn>\\n' }}
{%- endfor -%}`,
  "documents and long rules": `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% elif true %}{% set loop_messages = messages %}{% set system_message = 'You help people find answers and explain how you found them.' %}{% endif %}
{{ '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|># Safety\\nSafety rules come before everything else in this text.\\n' }}{{ system_message }}
{% for document in documents %}{{ '\\nDocument: ' }}{{ loop.index0 }}\\n{% for key, value in document.items() %}{{ key }}: {{ value }}\\n{% endfor %}{% endfor %}
{% if citation_mode=='fast' %}{{ 'Write your answer now, with marks for facts that come from the documents.' }}{% elif citation_mode=='accurate' %}{{ 'First list the documents that matter, then answer, then answer again with marks.' }}{% endif %}
{% for message in loop_messages %}{% set content = message['content'] %}{% if message['role'] == 'user' %}{{ '<|USER_TOKEN|>' + content.strip() }}{% endif %}{% endfor %}`,
  "functions described with macros": `{%- macro python_type(spec) %}
  {%- set basic = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"} %}
  {%- if basic[spec.type] is defined %}{{- basic[spec.type] }}
  {%- elif spec.type == "array" %}{{- "list[" + python_type(spec|items) + "]" }}
  {%- elif spec.type == "object" %}{%- if spec.additionalProperties is defined %}{{- "dict[str, " + python_type(spec.additionalProperties) + ']' }}{%- else %}{{- "dict" }}{%- endif %}
  {%- elif spec.type is iterable %}{{- "Union[" }}{%- for t in spec.type %}{{- python_type({"type": t}) }}{%- if not loop.last %}{{- "," }}{%- endif %}{%- endfor %}{{- "]" }}
  {%- else %}{{- "Any" }}{%- endif %}
{%- endmacro %}
{{- "<|im_start|>system\\nYou can call functions. Their signatures stand between <tools> marks: <tools> " }}
{%- for tool in tools %}
  {%- if tool.function is defined %}{%- set tool = tool.function %}{%- endif %}
  {{- '{"name": "' + tool.name + '", "description": "' + tool.name + '(' }}
  {%- for name, field in tool.parameters.properties|items %}{{- name + ": " + python_type(field) }}{%- if not loop.last %}{{- ", " }}{%- endif %}{%- endfor %}
  {{- ") - " + tool.description + "\\n\\n" }}
  {%- for name, field in tool.parameters.properties.items() %}{{- "    " + name + ": " + field.description|default('', true) }}{%- if name in tool.parameters.required %}{{ " (required)" }}{%- endif %}{%- endfor %}
{%- endfor %}
{%- for message in messages %}{%- if message.role == "tool" %}{%- if not loop.first and loop.previtem.role != "tool" %}{{- '<|im_start|>tool\\n' }}{%- endif %}{{- message.content }}{%- if not loop.last and loop.nextitem.role != "tool" %}{{- '<|im_end|>' }}{%- endif %}{%- endif %}{%- endfor %}`,
  "marks of training and typed content": `{% for message in messages %}{% if message['role'] == 'user' %}{{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}
{% elif message['role'] == 'assistant' %}{{'<|assistant|>\\n'}}{% generation %}{{ message['content'] }}{{ '<|end|>\\n' }}{% endgeneration %}{% endif %}{% endfor %}
{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}`,
  "schemas walked by name": `{%- for tool in tools %}{%- set fn = tool['function'] if 'function' in tool else tool %}
{%- for key in fn['parameters']['properties'] | dictsort %}{{ key[0] }}{{ fn['parameters']['properties'][key[0]]['type'] | upper }}{%- endfor %}
{%- for param, spec in fn.parameters.properties.items() %}{%- set kind = spec['type'] if spec['type'] is string else spec['type'] | join('|') %}{{ param ~ ': ' ~ kind }}
{%- for extra in spec.keys() | reject('in', ['type', 'description']) %}{{ extra }}={{ spec[extra] | tojson(ensure_ascii=False) }}{%- endfor %}{%- endfor %}{%- endfor %}
{%- set ids = messages | selectattr('role', 'equalto', 'tool') | map(attribute='tool_call_id') | list %}{{ ids | length }}
{%- set last = messages | rejectattr('role', 'in', ['tool']) | list | last %}{{ last['content'] | replace('<image>', '') }}`,
  "effort and channels": `{%- macro render_system(text) -%}{{- "<|start|>system<|message|>" + text + "<|end|>" }}{%- endmacro -%}
{%- set effort = reasoning_effort if reasoning_effort is defined else "medium" %}
{{- render_system("You are a large model that reasons before it answers.\\nReasoning: " + effort + "\\nToday: " + strftime_now("%Y-%m-%d")) }}
{%- set last = namespace(name=none) %}
{%- for message in messages -%}
  {%- if 'content' in message and '<|channel|>analysis<|message|>' in message.content %}{{- raise_exception("Put reasoning into the thinking field instead of the content field.") }}{%- endif %}
  {%- if message.role == 'assistant' and message.tool_calls %}{%- set last.name = message.tool_calls[0].function.name %}{{- "<|start|>assistant to=functions." + last.name + "<|channel|>commentary json<|message|>" }}
  {%- elif message.role == 'tool' and last.name is none %}{{- raise_exception("A tool answers before anybody has called one!") }}
  {%- elif message.role == 'user' %}{{- "<|start|>user<|message|>" + message.content + "<|end|>" }}{%- endif %}
{%- endfor -%}`,
};
