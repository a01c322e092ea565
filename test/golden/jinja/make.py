"""What transformers renders of small templates that try Jinja2's and Python's rules one by one, and of a few whole ones in the style of well-known models.
Rerun: python test/golden/jinja/make.py   (writes cases.json beside this file)
`text`: what it renders; `error`: it raises (a refusal's own words are kept)."""
import datetime
import json
import os
import sys

import jinja2
import transformers.utils.chat_template_utils as chat
from jinja2.exceptions import TemplateError

here = os.path.dirname(os.path.abspath(__file__))


class FixedDay(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat.datetime = FixedDay

TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather in a place, today's.", "parameters": {"type": "object", "properties": {"city": {"type": "string", "items": ["a", "ü"]}}, "required": ["city"]}}}
CALL = {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2, "exact": True, "unit": None}}}]}
CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  Hi there\n"}, {"role": "assistant", "content": "Hello 🙂 you."}]
NAMES = {
    "messages": CHAT, "tools": None, "documents": None, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>",
    "s": "  The quick brown-fox it's 🙂 \n", "n": 7, "f": 2.0, "t": True, "nothing": None, "empty": "", "l": [3, 1, 2], "words": ["b", "A", "c", "a"], "d": {"b": 1, "a": {"items": [1], "x": "é"}, "items": "mine"},
    "rows": [{"role": "user", "n": 1}, {"role": "tool", "n": 2}, {"role": "user"}], "quote": "it's \"so\"\n\t\\ é", "tool": TOOL, "call": CALL,
}
PIECES = """
{{ s.strip() }}|
{{ s.strip('\\n T') }}|
{{ s.lstrip() }}|
{{ s.rstrip('\\n') }}|
{{ 'xxaxx'.strip('x') }}{{ 'xxaxx'.lstrip('x') }}{{ 'xxaxx'.rstrip('xa') }}|
{{ s | trim }}|
{{ '--a--' | trim('-') }}
{{ s.split() }}
{{ 'a,b,,c'.split(',') }}{{ 'a,b,,c'.split(',', 1) }}{{ ' a  b c '.split(None, 1) }}{{ 'a b c'.split(maxsplit=1) }}
{{ 'a</think>b</think>c'.split('</think>')[-1].lstrip('\\n') }}{{ 'a/b/c'.rsplit('/', 1) }}
{{ 'hELLO wORLD'.capitalize() }}{{ 'hELLO it\\'s'.title() }}{{ 'hELLO it\\'s x-y' | title }}{{ 'ABC' | capitalize }}
{{ 'aXbXc'.replace('X', '-', 1) }}{{ 'abc'.replace('', '.') }}{{ 'aXbX' | replace('X', '$&') }}
{{ 'a-b'.partition('-') }}{{ 'abc'.find('c') }}{{ '🙂b'.find('b') }}{{ 'abab'.count('ab') }}{{ 'x'.join(['a', 'b']) }}
{{ 'abc'.startswith(('x', 'a')) }}{{ 'abc'.endswith('c') }}{{ 'prefix'.removeprefix('pre') }}{{ 'a.txt'.removesuffix('.txt') }}
{{ '12'.isdigit() }}{{ 'ab'.isalpha() }}{{ ' '.isspace() }}{{ 'AB'.isupper() }}{{ 'ab1'.islower() }}
{{ 'a\\nb\\r\\nc\\n'.splitlines() }}
{{ '🙂ab' | length }}{{ '🙂ab'[0] }}{{ '🙂ab'[1:] }}{{ 'abc'[-2] }}{{ 'abc'[::-1] }}{{ 'abc'[9:] }}{{ 'abc'[-9:2] }}
{{ true }}{{ false }}{{ none }}{{ True }}{{ None }}
{{ t }} {{ nothing }} {{ missing }} {{ n }} {{ f }} {{ l }} {{ d }} {{ quote }}
{{ 1.5 }} {{ 2.0 }}
{{ 3 / 2 }} {{ 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ 1 + 2.0 }}
{{ 0.00001 }} {{ 0.0001 }} {{ 123456789012345678 * 1.0 }} {{ 1234567890123456 * 1.0 }} {{ 0.1 + 0.2 }} {{ -0.0 }} {{ 10 ** 20 }}
{{ 'a' ~ 1 ~ none ~ true ~ 2.0 ~ missing ~ [1, 'x'] }}
{{ 'a' + 1 }}
{{ 'a' + missing }}
{{ 'a' * 3 }}{{ [1] * 2 }}{{ [1] + [2] }}
{{ '%s is %d and %s%%' % ('x', 3, none) }}
{{ 1 == '1' }} {{ 1 == 1.0 }} {{ [] == [] }} {{ {} == {} }} {{ missing == none }} {{ none == none }} {{ true == 1 }} {{ missing == missing }}
{{ none != none }} {{ missing != none }} {{ '' != none }} {{ [1, {'a': 2}] == [1, {'a': 2}] }}
{{ 1 < 2 }} {{ 'a' < 'B' }} {{ [1, 2] < [1, 3] }} {{ 2 >= 2.0 }}
{{ 1 < 'a' }}
{{ 1 in [1, 2] }} {{ 'a' in 'abc' }} {{ 'b' in d }} {{ 3 not in l }} {{ 'x' in missing }} {{ [1] in [[1]] }}
{{ 1 in 'abc' }}
{{ 'a' in none }}
{{ not missing }} {{ not [] }} {{ not {} }} {{ not 0 }} {{ not 0.0 }} {{ not ' ' }}
{{ 0 or 'x' }} {{ [] and 'y' }} {{ none or missing or 'z' }} {{ 'a' and 'b' }}
{{ 'yes' if t else 'no' }}{{ 'yes' if missing }}{{ 'a' if none else 'b' if true else 'c' }}
{{ missing.x }}
{{ missing['x'] }}
{{ nothing.x }}|{{ nothing.x is defined }}
{{ d.items() | list }}|{{ d['items'] }}|{{ d.b }}|{{ d.a.x }}
{{ d.get('b') }}{{ d.get('zz') }}{{ d.get('zz', 'q') }}{{ d.keys() | list }}{{ d.a.values() | list }}
{{ l.append(1) }}
{{ d.update({'a': 1}) }}
{{ l.pop() }}
{{ l[0] }}{{ l[-1] }}{{ l[9] }}{{ l[1:] }}{{ l[:-1] }}{{ l[::2] }}{{ l[::-1] }}{{ l.index(2) }}{{ l.count(1) }}
{{ (1, 2) }}{{ (1, 2)[0] }}{{ (1, 2)[:1] }}
{{ {'a': 1, 'b': [none, true, 1.0]} }}
{{ quote | string }}{{ [quote] }}{{ ['it\\'s', 'a"b'] }}{{ ['\\u00e9\\u200b\\x07'] }}
{{ d | tojson }}
{{ tool | tojson }}
{{ tool | tojson(indent=4) }}
{{ tool | tojson(indent=2, sort_keys=true) }}
{{ quote | tojson }}{{ quote | tojson(ensure_ascii=true) }}{{ '🙂' | tojson(ensure_ascii=true) }}{{ '</x>&\\'' | tojson }}
{{ {'B': 1, 'a': 2, 'é': 3} | tojson(sort_keys=true) }}{{ {'a': [], 'b': {}} | tojson(indent=1) }}{{ [1.0, 2.5, none, true] | tojson }}
{{ [1, {'a': 2}] | tojson(separators=(',', ':')) }}{{ [1, 2] | tojson(indent=0) }}{{ ['é'] | tojson(true) }}{{ {1: 2, none: 3} | tojson }}
{{ missing | tojson }}
{{ (1, 'a') | tojson }}
{{ l | join(', ') }}{{ [1, none, true, 'x'] | join('-') }}{{ rows | join(',', attribute='role') }}{{ 'abc' | join('.') }}
{{ l | sort }}{{ words | sort }}{{ words | sort(case_sensitive=true) }}{{ l | sort(reverse=true) }}{{ rows | sort(attribute='role') | map(attribute='role') | list }}
{{ words | unique | list }}{{ l | reverse | list }}{{ 'abc' | reverse }}{{ l | first }}{{ l | last }}{{ [] | first }}{{ 'abc' | last }}
{{ d | dictsort }}{{ d | items | list }}{{ missing | items | list }}{{ {'b': 2, 'A': 1} | dictsort(true) }}{{ {'b': 1, 'a': 2} | dictsort(by='value') }}
{{ rows | selectattr('role', 'equalto', 'user') | list | length }}{{ rows | rejectattr('role', 'eq', 'user') | list }}{{ rows | selectattr('n') | list }}{{ rows | selectattr('n', 'undefined') | list }}{{ rows | selectattr('n', 'defined') | map(attribute='n') | list }}
{{ l | select('odd') | list }}{{ l | reject('in', [1, 2]) | list }}{{ l | select('gt', 1) | list }}{{ [0, 1] | select | list }}
{{ words | map('upper') | list }}{{ rows | map(attribute='n', default='?') | list }}{{ rows | map(attribute='n') | list | length }}
{{ '12' | int }}{{ '12abc' | int }}{{ 'x' | int(5) }}{{ '3.9' | int }}{{ -2.7 | int }}{{ '1_000' | int }}{{ true | int }}{{ none | int }}{{ '2.5' | float }}{{ 'x' | float }}{{ 3 | float }}
{{ -3 | abs }}{{ -2.0 | abs }}{{ s | length }}{{ d | length }}{{ missing | length }}{{ d | count }}
{{ none | length }}
{{ missing | default('x') }}{{ '' | default('x') }}{{ '' | default('x', true) }}{{ none | default('x') }}{{ missing | d('y') }}{{ none | default('z', boolean=true) }}
{{ 'a\\n\\nb' | indent }}{{ 'a\\nb' | indent(2, true) }}{{ 'a\\n\\nb' | indent(2, blank=true) }}{{ 'a\\nb\\n' | indent('> ') }}
{{ 'A' | lower }}{{ 1 | string + 'x' }}{{ none | string }}{{ true | string }}{{ l | string }}{{ none | upper }}{{ missing | upper }}|
{{ 'abc' | list }}{{ d | list }}{{ missing | list }}
{{ 'x' | safe }}{{ '<b>' }}
{{ 'x' | nosuchfilter }}
{{ 'x' is nosuchtest }}
{{ n is number }}{{ t is number }}{{ t is integer }}{{ f is float }}{{ n is integer }}{{ f is integer }}{{ 'x' is string }}{{ d is mapping }}{{ l is mapping }}{{ d is iterable }}{{ l is iterable }}{{ 'x' is iterable }}{{ none is iterable }}{{ missing is iterable }}{{ l is sequence }}{{ d is sequence }}{{ n is sequence }}
{{ 'a' is upper }}{{ 'Ab' is upper }}{{ '12' is upper }}{{ 'Ab' is lower }}{{ n is upper }}{{ n is lower }}
{{ [2, 3, 4] | select('gt', 3) | list }}{{ [2, 3, 4] | select('ge', 3) | list }}{{ [2, 3, 4] | select('lt', 3) | list }}{{ [2, 3, 4] | select('le', 3) | list }}{{ [2, 3, 4] | select('eq', 3) | list }}{{ [2, 3, 4] | select('ne', 3) | list }}{{ [2, 3, 4] | select('>', 3) | list }}{{ [2, 3, 4] | select('<=', 3) | list }}{{ [2, 3, 4] | select('equalto', 3) | list }}{{ [2, 3, 4] | select('lessthan', 3) | list }}
{{ s.rstrip() }}|{{ 'xaxx'.rstrip('x') }}|{{ 'xaxx'.lstrip('x') }}|{{ 'a-b-c'.rsplit('-', 1) }}|{{ 'a-b-c'.rpartition('-') }}
{{ dict(d, z=3) | tojson }}{{ dict([('a', 1)], b=2) | tojson }}{% set ns = namespace(d, y=2) %}{{ ns.b }}{{ ns.y }}
{{ l.clear() }}
{{ l.reverse() }}
{{ d.clear() }}
{{ d.popitem() }}
{{ d.setdefault('q', 1) }}
{{ l.insert(0, 1) }}
{{ l.extend([1]) }}
{{ l.remove(3) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, z=2) }}
{% macro m(a) %}{{ a }}{{ kwargs }}{{ varargs }}{% endmacro %}{{ m(1, 2, z=2) }}
{% macro m(a, b=5) %}{{ a }}{{ b }}{% endmacro %}{{ m(b=2, a=1) }}{{ m(3) }}
{{ t is true }}{{ 1 is true }}{{ t is boolean }}{{ none is none }}{{ missing is none }}{{ missing is undefined }}{{ missing is not defined }}{{ 3 is odd }}{{ 4 is even }}{{ range is callable }}{{ 'ab' is lower }}{{ 'AB' is upper }}{{ '12' is lower }}
{{ tools is none }}{{ documents is none }}{{ tools is defined }}{{ tools is not none }}
{% for m in missing %}x{% else %}none{% endfor %}
{% for c in 'ab🙂' %}{{ c }}.{% endfor %}
{% for k in d %}{{ k }}{% endfor %}{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for x in none %}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}
{% for x in l %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}
{% for x in l if x > 1 %}{{ x }}{{ loop.length }}{% else %}no{% endfor %}{% for x in l if x > 9 %}{{ x }}{% else %}no{% endfor %}
{% for x in l %}{{ x }}{% if x == 1 %}{% break %}{% endif %}after{% endfor %}
{% for x in l %}{{ x }}{% if x == 1 %}{% continue %}{% endif %}after{% endfor %}
{% for x in l %}{% if y is defined %}D{% endif %}{% set y = x %}{{ y }}{% endfor %}{{ y is defined }}
{% set y = 0 %}{% for x in l %}{{ y }}{% set y = x %}{% endfor %}{{ y }}
{% set ns = namespace(y=0, z=[]) %}{% for x in l %}{% set ns.y = ns.y + x %}{% set ns.z = ns.z + [x] %}{% endfor %}{{ ns.y }}{{ ns.z }}{{ ns.w is defined }}
{% if true %}{% set y = 1 %}{% endif %}{{ y }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set x = (1, 2) %}{{ x }}
{% set d2 = dict(a=1, **{'b': 2}) %}{{ d2 }}{{ dict([('x', 1)]) }}
{% set x.y = 1 %}
{% set d.y = 1 %}
{% macro m(a, b=2, c='z') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, c='q') }}|{{ m('x', 3) }}|{{ m() }}
{% macro m(a) %}{{ a }}{{ outer }}{% endmacro %}{% set outer = 'o' %}{{ m(1) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(a) %}[{{ caller() }}{{ a }}]{% endmacro %}{% call m(1) %}in{{ n }}{% endcall %}
{% macro m(a) %}{{ caller(a) }}{% endmacro %}{% call(x) m(4) %}got {{ x }}{% endcall %}
{% macro r(k) %}{{ k }}{% if k > 0 %}{{ r(k - 1) }}{% endif %}{% endmacro %}{{ r(3) }}
{% for x in [1] %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}
{% filter upper %}a{{ n }}b{% endfilter %}
{{ range(3) | list }}{{ range(1, 4) | list }}{{ range(5, 0, -2) | list }}{% for i in range(2) %}{{ i }}{% endfor %}
{{ range(200000) | list | length }}
{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%Y-%m-%d') }}|{{ strftime_now('%A, %B %d, %Y') }}|{{ strftime_now('%H:%M:%S %p %j %y %a %-d %e %F %%') }}
{{ raise_exception('Only user and assistant roles are supported!') }}
{{ missing() }}
{{ n() }}
{{ constructor }}{{ toString }}{{ hasOwnProperty }}{{ __proto__ }}|{{ constructor is defined }}
{{ d.constructor is defined }}{{ d['__proto__'] is defined }}{{ 'x'.constructor is defined }}{{ l.length is defined }}
{{ s.length is defined }}{{ s.toUpperCase is defined }}{{ d.size is defined }}
a{# comment #}b
{% generation %}{{ n }}{% endgeneration %}x
{{ "a" "b" }}{{ 'a\\tb\\\\' }}{{ "\\u00e9" }}
{{ -n }}{{ +n }}{{ - -n }}{{ not n }}{{ 2 + -1 }}{{ n-1 }}
{{ 'a' if 'x' in d else 'b' }}{{ (1 + 2) * 3 }}{{ 1 + 2 * 3 }}{{ 'x' ~ 1 + 1 }}
{{ 1 if n > 5 and n < 9 and not missing else 0 }}
{{ call.tool_calls[0].function.arguments | tojson }}{{ call.tool_calls[0]['function'].name }}{{ call.content is defined }}{{ call['content'] is none }}
{% for tool_call in call.tool_calls %}{% if tool_call.function is defined %}{% set tool_call = tool_call.function %}{% endif %}{{ tool_call.name }}{{ tool_call.arguments | tojson }}{% endfor %}
{% for k, v in call.tool_calls[0].function.arguments | items %}<{{ k }}>{{ v }}</{{ k }}>{% endfor %}
{{ tool.function.parameters.properties.city.items is callable }}
{{ tool.function.parameters.properties.city['items'] }}
{{ messages[0].role }}{{ messages[-1]['content'][-5:] }}{{ messages | length }}{{ messages[1:] | length }}{{ (messages | selectattr('role', 'equalto', 'user') | list)[-1].content }}
{% set loop_messages = messages[1:] if messages[0]['role'] == 'system' else messages %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}{{ message.role }}{% endfor %}
{{ bos_token }}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
""".strip("\n").split("\n")
# Edges: one less, one more, equal, empty, the wrong type.
EDGES = r"""
{{ [1, 2] < [1] }}{{ [1] < [1, 2] }}{{ [1, 2] > [1] }}{{ [1] <= [1] }}{{ [] < [0] }}{{ (1, 2) < (1, 1) }}{{ (2, 0) > (1, 9) }}{{ (1, 2, 3) > (1, 2) }}{{ true < 2 }}{{ [[1], 2] < [[1], 3] }}
{{ [1, 2] < (1, 2) }}
{{ {'a': 1} < {'a': 2} }}
{{ 'ab' < 'abc' }}{{ 'abc' > 'ab' }}{{ 'abc' <= 'abc' }}{{ '🙂' > '\uff5e' }}{{ 'b' > 'abc' }}{{ ['\uff5e', '🙂'] | sort }}
{{ {'a': 1} == {'a': 2} }}{{ {'a': 1} == {'b': 1} }}{{ {'a': 1} == {'a': 1, 'b': 2} }}{{ (1, 2) == (1, 2) }}{{ (1, 2) == (1, 3) }}{{ [1] == [1, 2] }}{{ [1, 2] == [1] }}{{ [1, 2] == (1, 2) }}{{ {'a': missing} == {'b': missing} }}
{{ 2 in (1, 2) }}{{ 2 in (1, 3) }}{{ none in [none] }}{{ 'a' in {'a': 1} }}{{ '' in 'a' }}{{ 'b' not in 'abc' }}
{{ 'y' if (0, 0) else 'n' }}{{ 'y' if (0, 0)[2:] else 'n' }}{{ 'y' if 2.0 else 'n' }}{{ 'y' if 0.5 else 'n' }}{{ 'y' if {'a': 1} else 'n' }}{{ 'y' if [0] else 'n' }}{{ 'y' if none else 'n' }}
{{ 5 | length }}
{{ true | length }}
{{ namespace(a=1) | length }}
{{ range | length }}
{{ (1, 2, 3) | length }}{{ {'a': 1} | length }}{{ '' | length }}
{{ [(1, 2)[:1], (1, 2), (1, 2)[2:]] }}{{ [none, missing is defined, -1, 1.5] }}{{ {'a': (1, 2), 2: 'b', none: [1]} }}
{{ ['\r', '\x7f', '\xa0', '\xad', '\u0100', '\u2028', '\ue000', '󠀁', 'ü', '\\'] }}
{{ ["'", '"', '\'"'] }}{{ '\'"' | list }}
{{ 10.0 ** 16 }} {{ 10.0 ** 15 }} {{ 123456789.0 }} {{ 10.0 ** 300 }} {{ 0.00001234 }} {{ 0.000123 }} {{ 0.0000001 }} {{ 2.5 * 0.0000000001 }} {{ 10.0 ** 22 }} {{ 12500000000000000.0 }}
{{ 2 ** 53 }} {{ 10 ** 15 }} {{ 2 ** 0.5 }} {{ 2.0 ** 2 }} {{ -2 ** 2 }}
{{ 6 / 3 }} {{ 6.0 // 4 }} {{ 6 % 4.0 }} {{ 5.5 % 2 }} {{ -5.5 % 2 }} {{ 3 * 1.5 }} {{ 2 * 1.5 }} {{ 3 - 1.0 }} {{ 1.5 + 1.5 }} {{ true + 1 }} {{ 7 - 9 }} {{ 0 * -1 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ 1.0 / 0 }}
{{ 1 - 'a' }}
{{ [1] + (2, 3) }}
{{ (1, 2) + (2, 3) }}{{ 2 * 'ab' }}{{ 2 * [1, 2] }}{{ 'a' * 0 }}{{ 'a' * -1 }}[{{ [1] * -1 }}]{{ [[1]] * 2 }}
{{ 'a' * 1.5 }}
{{ 'a' - 'b' }}
{{ -'a' }}
{{ +none }}
{{ -2.0 }}{{ +2.5 }}{{ -true }}{{ -0 }}{{ - 0.0 }}
{{ '%s' % 'x' }}{{ '%d' % 3.9 }}{{ '%d%%' % -3.9 }}{{ '%s' % [1, 2] }}{{ 'x' % [] }}{{ 'x' % {} }}{{ '%s %s' % (1, none) }}
{{ '%s %s' % 'a' }}
{{ '%s' % ('a', 'b') }}
{{ 'x' % 'a' }}
{{ '%d' % 'a' }}
{{ {1.5: 'a', true: 2, none: 3, 4: [], 5: {}} | tojson }}
{{ {(1, 2): 3} | tojson }}
{{ namespace(a=1) | tojson }}
{{ range | tojson }}
{{ ['\x7f', '\x80', '\uffff', 'ü', 'a"\\b', '\n\t\x01', '🙂'] | tojson(ensure_ascii=true) }}{{ ['\x7f', '\x80', '\n\t\x01', '/'] | tojson }}
{{ [[1, []], {}] | tojson(indent=2) }}{{ [] | tojson(indent=2) }}{{ [1, [2]] | tojson(indent='--') }}{{ {'a': [1, {'b': 2}]} | tojson(indent=1, separators=(' ,', ' :')) }}
{{ {'b': 1, 'a': 2, 'ab': 3, 'B': 4} | tojson(sort_keys=true) }}{{ {'b': 1, 'a': 2} | tojson(false, none, none, true) }}{{ [1, 2] | tojson(indent=none) }}
{{ (1, (2, 3)) | tojson(indent=1) }}{{ 1.0 | tojson }}{{ 10.0 ** 20 | tojson }}{{ -0.5 | tojson }}
{{ '  a b  ' | trim }}|{{ 'xax' | trim(chars='x') }}|{{ 'x' | trim('x') }}|{{ '' | trim }}|{{ '\u2003a\u3000' | trim }}|{{ '\ufeffa' | trim | length }}|{{ '\x1ca\x1f\x85' | trim }}|
{{ 'x'.strip(1) }}
{{ '  a  b  '.split() }}{{ '  a  b  '.split(none, 1) }}{{ 'a b'.split(none, 0) }}{{ ''.split() }}{{ ''.split(',') }}{{ 'a,b'.split(',', 5) }}{{ 'a,b'.split(',', 0) }}{{ 'a,b,c'.split(',', 2) }}{{ 'a,b,c'.split(sep=',', maxsplit=1) }}{{ 'a\u2003b'.split() }}
{{ 'a'.split('') }}
{{ 'a'.split(1) }}
{{ 'a,b,c'.rsplit(',', 0) }}{{ 'a,b,c'.rsplit(',', 2) }}{{ 'a,b,c'.rsplit(',', 5) }}{{ 'a,b,c'.rsplit(',') }}{{ 'a b'.rsplit() }}{{ 'a,b'.rsplit(',', -1) }}
{{ 'a\n\nb\r\rc\x0bd\x0ce\x1cf\x85g\u2028h'.splitlines() }}{{ ''.splitlines() }}{{ '\n'.splitlines() }}{{ 'a'.splitlines() }}{{ 'a\n\n'.splitlines() }}
{{ 'abab'.replace('a', 'x', 0) }}{{ 'abab'.replace('a', 'x', 1) }}{{ 'abab'.replace('a', 'x', -1) }}{{ 'abab'.replace('a', 'x', 9) }}{{ 'ab'.replace('', '-', 2) }}{{ 'ab'.replace('', '-', 1) }}{{ 'ab' | replace('b', 'c', 0) }}{{ 'abb' | replace('b', 'c', none) }}{{ 'abb' | replace('b', 'c', 1) }}{{ 'a1' | replace(1, 2) }}
{{ 'a'.replace(1, 'b') }}
{{ 'a'.replace('a', 'b', 'c') }}
{{ 'eLLO élan ß'.capitalize() }}{{ ''.capitalize() }}{{ 'they\'re 3rd x_y'.title() }}{{ 'a-b (c) {d} [e] <f> g\th' | title }}{{ 'ABC' | title }}
{{ 'a-b-c'.partition('-') }}{{ 'abc'.partition('-') }}{{ 'a--b--c'.rpartition('--') }}{{ 'abc'.rpartition('-') }}{{ 'a--b'.partition('--') }}
{{ 'abc'.startswith('b') }}{{ 'abc'.startswith('ab') }}{{ 'abc'.startswith(('x', 'y')) }}{{ 'abc'.endswith(('x', 'bc')) }}{{ 'abc'.endswith('ab') }}{{ 'abc'.endswith('') }}
{{ 'abc'.startswith(1) }}
{{ 'abc'.startswith(['a']) }}
{{ 'prefix'.removeprefix('x') }}{{ 'prefix'.removeprefix('') }}{{ 'a.txt'.removesuffix('') }}{{ 'a.txt'.removesuffix('x') }}{{ 'aa'.removesuffix('a') }}{{ 'aa'.removeprefix('a') }}
{{ '🙂ab'.find('b') }}{{ 'ab'.find('z') }}{{ 'a🙂a'.rfind('a') }}{{ 'aba'.rfind('z') }}{{ '🙂ab'.index('a') }}{{ 'aba'.find('a') }}{{ 'aaaa'.count('aa') }}{{ 'a🙂'.count('') }}{{ 'abc'.count('z') }}
{{ 'abc'.index('z') }}
{{ 'x'.join([1]) }}
{{ ''.join(['a', 'b']) }}{{ ','.join('abc') }}{{ ','.join({'a': 1, 'b': 2}) }}{{ ','.join([]) }}{{ '-'.join(['a']) }}
{{ '12a'.isdigit() }}{{ ''.isdigit() }}{{ '²'.isdigit() }}{{ '٣'.isdigit() }}{{ '½'.isdigit() }}{{ 'a1'.isalpha() }}{{ 'é'.isalpha() }}{{ ''.isalpha() }}{{ 'a1'.isalnum() }}{{ 'a-'.isalnum() }}{{ ' a'.isspace() }}{{ ''.isspace() }}{{ '\u2003'.isspace() }}
{{ 'Ab'.isupper() }}{{ '1'.isupper() }}{{ 'A1'.isupper() }}{{ 'Ab'.islower() }}{{ '1'.islower() }}{{ 'a1'.islower() }}{{ 'AB'.lower() }}{{ 'ab'.upper() }}{{ 'ẞ'.lower() }}{{ 'AbC'.casefold() }}
{{ 'a'.upper(1) }}
{{ 'a'.strip('x', 'y') }}
{{ 'a'.split(wrong=1) }}
{{ 'a'.split(',', sep=',') }}
{{ 'a' | trim(wrong='x') }}
{{ 'a' | upper(1) }}
{{ [3, 1, 2] | sort | first }}{{ [[2, 'b'], [1, 'a']] | sort }}{{ [[2, 'a'], [1, 'b']] | sort(attribute=1) }}{{ [[2, 'a'], [1, 'b']] | sort(attribute='0') }}{{ ['b', 'A'] | sort(true) }}{{ ['b', 'A', 'a', 'B'] | sort(false, true) }}{{ ['b', 'A', 'a', 'B'] | sort(reverse=true) }}
{{ [1, 'a'] | sort }}
{{ ['a', 'A', 'b', 'a'] | unique | list }}{{ ['a', 'A', 'b', 'a'] | unique(true) | list }}{{ [{'k': 1, 'v': 1}, {'k': 1, 'v': 2}, {'k': 2, 'v': 3}] | unique(attribute='k') | map(attribute='v') | list }}
{{ {'b': 1, 'A': 3, 'c': 2} | dictsort }}{{ {'b': 1, 'A': 3, 'c': 2} | dictsort(true) }}{{ {'b': 1, 'A': 3, 'c': 2} | dictsort(false, 'value') }}{{ {'b': 1, 'A': 3, 'c': 2} | dictsort(false, 'key', true) }}{{ {'b': 'x', 'A': 'Y'} | dictsort(by='value', reverse=true) }}
{{ 5 | dictsort }}
{{ [1] | items | list }}
{{ rows | map(attribute='n', default=0) | list }}{{ [{'a': {'b': 1}}] | map(attribute='a.b') | list }}{{ [[1, 2], [3, 4]] | map(attribute=1) | list }}{{ [[1, [2]]] | map(attribute='1.0') | list }}{{ [(5, 6)] | map(attribute='1') | list }}{{ ['a-b'] | map('replace', '-', '+') | list }}{{ ['1', 'x'] | map('int', 7) | list }}{{ ['a', none] | map('default', 'z', true) | list }}
{{ [{'a': 1}] | map(attribute='x.y') | list }}
{{ [0, 1, '', 'a', none] | select | list }}{{ [0, 1, '', 'a', none] | reject | list }}{{ [1, 2, 3, 4] | reject('gt', 2) | list }}{{ [1, 2, 3, 4] | select('divisibleby', 2) | list }}{{ rows | selectattr('n', 'gt', 1) | list | length }}{{ [{'f': {'n': 'a'}}] | selectattr('f.n', 'eq', 'a') | list }}{{ rows | rejectattr('n') | list | length }}
{{ [1] | select('nosuch') | list }}
{{ ' 12 ' | int }}{{ '-3' | int }}{{ '+3' | int }}{{ '1e3' | int }}{{ '3.99' | int }}{{ '.5' | int }}{{ '1.' | float }}{{ '.5' | float }}{{ '1e3' | float }}{{ '-2.5E-3' | float }}{{ ' 2 ' | float }}{{ 'x' | float(1.5) }}{{ 'x' | int('no') }}{{ [] | int }}{{ 2.9 | int }}{{ true | float }}{{ '' | int }}{{ '' | float }}
{{ -3.5 | abs }}{{ 3 | abs }}{{ true | abs }}{{ -0.0 | abs }}
{{ 'a' | abs }}
{{ 'a\nb\n\nc' | indent(2) }}|{{ 'a\nb' | indent(0) }}|{{ 'a\n\nb' | indent(2, true, true) }}|{{ 'a\n\nb' | indent(width=1, first=false, blank=true) }}|{{ 'a' | indent }}|{{ 'a\n' | indent(2) }}|{{ '' | indent(2, true) }}|{{ 'a\nb' | indent('> ', true) }}
{{ missing | default }}|{{ missing | default(none) }}|{{ 0 | default(5, true) }}|{{ 0 | default(5, false) }}|{{ 0 | default(5) }}|{{ none | default('x', true) }}|{{ 'v' | default('x', true) }}
{{ [1, 2] | first }}{{ [1, 2] | last }}{{ 'ab' | first }}{{ (1, 2) | last }}{{ [] | last }}|{{ 'ab🙂' | reverse }}{{ (1, 2) | reverse | list }}{{ (1, 2) | list }}{{ {'a': 1} | first }}
{{ [[1, 'a'], [2, 'b']] | join('; ') }}{{ [1, 2] | join }}{{ [1, 2] | join(0) }}{{ [{'a': 1}, {'a': 2}] | join('-', 'a') }}{{ (1, 2) | join(',') }}
{{ 1 is integer }}{{ 1.0 is integer }}{{ true is integer }}{{ 1.0 is float }}{{ 1.5 is float }}{{ 1 is float }}{{ 'a' is number }}{{ 1.0 is number }}{{ none is string }}{{ (1, 2) is sequence }}{{ {} is sequence }}{{ 5 is iterable }}{{ (1, 2) is iterable }}{{ true is boolean }}{{ 1 is boolean }}{{ false is false }}{{ 0 is false }}{{ none is false }}{{ missing is none }}{{ 'a' is callable }}{{ (1, 2) is mapping }}
{{ 3 is odd }}{{ 2 is odd }}{{ -3 is odd }}{{ 2 is even }}{{ 3 is even }}{{ -2 is even }}{{ 0 is even }}
{{ 'a' is odd }}
{{ [1, 2] | select('in', [1]) | list }}{{ [1, 2] | select('equalto', 1) | list }}{{ [1, 2] | select('ne', 1) | list }}
{{ [1, 2, 3] | select('==', 2) | list }}{{ [1, 2, 3] | select('!=', 2) | list }}{{ [1, 2, 3] | select('>', 2) | list }}{{ [1, 2, 3] | select('>=', 2) | list }}{{ [1, 2, 3] | select('<', 2) | list }}{{ [1, 2, 3] | select('<=', 2) | list }}{{ [1, 2, 3] | select('greaterthan', 1) | list }}{{ [1, 2, 3] | select('lessthan', 3) | list }}
{{ '12' is upper }}{{ 'aB' is lower }}{{ 'ab1' is lower }}{{ '1' is lower }}{{ 'AB1' is upper }}
{{ range(0) | list }}{{ range(2, 2) | list }}{{ range(3, 1) | list }}{{ range(0, 5, 2) | list }}{{ range(0, 6, 2) | list }}{{ range(5, 0, -5) | list }}{{ range(-2) | list }}{{ range(1, 2) | list }}
{{ range(100000) | list | length }}
{{ range(100001) | list | length }}
{{ range(1, 5, 0) | list }}
{{ range() | list }}
{{ range('a') | list }}
{{ dict() }}{{ dict([('a', 1), ['b', 2]]) }}{{ dict({'a': 1}, a=2) }}{{ dict(x=none) }}
{{ dict([1]) }}
{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b is defined }}{{ ns['a'] }}{% set ns2 = namespace([('x', 1)], y=2) %}{{ ns2.x }}{{ ns2.y }}
{{ strftime_now('%w %u %d %-d %b %h %m %-m %y %Y %j %H %-H %I %-I %p %M %-M %S %-S %f %F %D %T %R %n%t%%|%z%Z|%c|%x|%X') }}
{{ strftime_now(format='%Y') }}
{{ strftime_now() }}
{{ 'abcdef'[1:4] }}{{ 'abcdef'[:-2] }}{{ 'abcdef'[-3:-1] }}{{ 'abcdef'[::2] }}{{ 'abcdef'[1::2] }}{{ 'abcdef'[4:1:-1] }}{{ 'abcdef'[4:1] }}|{{ 'abcdef'[::-2] }}{{ 'abcdef'[-2::-1] }}{{ 'abcdef'[:2:-1] }}{{ 'abcdef'[10::-1] }}{{ 'abcdef'[-10:2] }}{{ 'abcdef'[-10::-1] }}|{{ 'abcdef'[none:2] }}{{ '🙂bc'[1:] }}
{{ [1, 2, 3, 4][1:3] }}{{ [1, 2, 3][-1:] }}{{ [1, 2, 3][5:] }}{{ (1, 2, 3)[1:] }}{{ (1, 2, 3)[::-1] }}{{ [1, 2, 3][:0] }}{{ [1, 2, 3][true] }}
{{ 'abc'[::0] }}
{{ 5[1:] is defined }}
{{ 'abc'['a':] is defined }}{{ 'abc'[1.0:] is defined }}{{ none[1:] is defined }}
{{ {'a': 1}[1:] is defined }}
{{ missing[1:] }}
{{ 'abc'[missing:] }}
{{ [1, 2][:missing] is defined }}
{{ 'abc'[none:none] }}
{{ strftime_now(5) }}
{{ 1.5 * [1] }}
{{ 'abc'[0] }}{{ 'abc'[5] }}|{{ 'abc'[-1] }}{{ 'abc'[-4] }}|{{ [1][1] }}|{{ (1, 2)[-1] }}{{ {'a': 1}['b'] }}|{{ {1: 'x'}[1] }}{{ 5['a'] is defined }}{{ [1]['a'] is defined }}{{ [1, 2]['count'](2) }}{{ {'get': 5}['get'] }}{{ {'get': 5}.get('get') }}
{{ [1, 2, 1].index(1) }}{{ [1, 2, 1].count(1) }}{{ [1, 2, 1].count(3) }}{{ (1, 2).index(2) }}{{ [1].copy() }}{{ {'a': 1}.copy() }}{{ {'a': 1}.values() | list }}{{ {'a': 1}.keys() | list }}{{ {'a': none}.get('a', 5) }}{{ {}.get('a', 5) }}{{ {}.get('a') is none }}
{{ [1].index(2) }}
{{ [1].sort() }}
{{ {}.pop('a') }}
{{ {'pop': 1}['pop'] }}
{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{{ loop.depth }}{{ loop.depth0 }}{{ loop.cycle('a', 'b', 'c') }}{% endfor %}
{% for x in [1, 2] %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{{ loop.first }}{{ loop.last }}{% endfor %}{{ loop is defined }}
{% for x in [1, 2, 3] %}{% for y in [1, 2] %}{% if y == 2 %}{% break %}{% endif %}{{ x }}{{ y }}{% endfor %}{% if x == 2 %}{% continue %}{% endif %}.{% endfor %}
{% for x in [] %}a{% else %}{% set z = 1 %}{{ z }}{% endfor %}{{ z is defined }}{% for x in [1] %}{% break %}{% else %}never{% endfor %}{% for x in [1, 2] %}{% continue %}{% else %}none went through{% endfor %}{% for x in [1, 2] %}{% if x == 1 %}{% continue %}{% endif %}{% else %}one did{% endfor %}
{% for x in [1, 2, 3, 4] if x is even %}{{ loop.index }}{{ x }}{{ loop.last }}{% endfor %}
{% for a, b in [[1]] %}{{ a }}{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}
{% macro m(a) %}{{ a is defined }}{{ varargs | length }}{% endmacro %}{{ m() }}{{ m(1, 2, 3) }}
{% macro m(a) %}{{ a }}{{ caller is defined }}{% endmacro %}{{ m(1) }}{% macro k() %}{{ kwargs }}{% endmacro %}{{ k(x=1) }}
{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}{{ m(*[5], **{'b': 6}) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(**[1]) }}
{% macro m(a) %}{% set q = 1 %}{{ a }}{% endmacro %}{{ m(1) }}{{ q is defined }}
{% set x = 1 %}{% set x %}{{ x }}2{% endset %}{{ x }}{% if x == '12' %}yes{% elif x %}no{% else %}none{% endif %}
{% set a, b = [1] %}
{% set a, b = [1, 2, 3] %}
{% filter replace('a', 'b') %}aaa{% endfilter %}{% filter trim %}  x {% endfilter %}
{{ 1 if false }}|{{ (1 if false) is defined }}{{ not true and false }}{{ true or 1 / 0 }}{{ false and 1 / 0 }}{{ not (1 == 2) }}{{ 1 < 2 and 2 < 3 }}
{{ 'a' is string and 'b' is not number }}{{ 1 is not odd }}{{ missing is not defined }}
{{ d.nope is defined }}{{ d.a.nope is defined }}{{ (d.a).items is callable }}{{ n.x is defined }}{{ 'x'.nope is defined }}{{ namespace(a=1).a }}
{{ 'a'() }}
{{ d.nope() }}
{{ d.nope.more }}
{{ range(3)[1] }}{{ range(5)[1:3] | list }}{{ (range(3) | list)[-1] }}
{{ '1e999' | float }}{{ '-1e999' | float }}{{ 'inf' | float }}{{ '-Infinity' | float }}{{ '+inf' | float }}{{ 'NaN' | float }}{{ 'info' | float }}{{ ['1e999' | float, '-inf' | float, 'nan' | float] | tojson }}{{ 'inf' | int(3) }}
{{ [1, 2, 3, 4] | select('divisibleby', 2) | list }}{{ [5.0, 4.0] | select('divisibleby', 2) | list }}{{ [3, 4] | reject('divisibleby', 3) | list }}
{{ 'ab'.rsplit(',', 3) }}{{ 'a,b'.rsplit(',', 1) }}{{ ''.rsplit(',', 1) }}{{ 'a,b,c'.rsplit(sep=',', maxsplit=1) }}{{ 'a,b'.rsplit(',', 0) }}
{% macro m(a) %}{{ varargs | length }}{% endmacro %}{{ m(*range(2000)) }}
{{ [1, 2, 1, 3, 2] | unique | list }}{{ 'aXbX'.replace('X', '') }}{{ ('a', 1)[1:0] }}{{ [0][0:1] }}{{ 'ab'[-1:] }}{{ 'ab'[:-1] }}
""".strip("\n").split("\n")
MULTI = [
    "a\n  {# comment #}\nb\n  {% if true %}\nx\n  {% endif %}\ny\n\n", "<tag>\n  {{ n }}\n</tag>\n", "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc", "  {%- if true -%}\n  z\n  {%- endif -%}\n  w", "a\n{%- generation -%}\n b\n{%- endgeneration -%}\nc",
    "x\n  {% generation %}\n b\n  {% endgeneration %}\ny", "{% set x %}in {{ n }}\nblock{% endset %}[{{ x }}]{{ x | length }}",
    # in the style of Qwen3: the last user turn is looked for from behind, thoughts are cut out of older answers
    """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or reasoning_content) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {{- '\\n<tool_call>\\n{"name": "' + tool_call.function.name + '", "arguments": ' + (tool_call.function.arguments if tool_call.function.arguments is string else tool_call.function.arguments | tojson) + '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}""",
    # in the style of Llama 3.1: a date, tools in the first user turn
    """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- if tools is not none %}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '{"name": "' + tool_call.name + '", "parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}""",
    # in the style of Mistral: turns must alternate, content may be a list of parts
    """{%- set ns = namespace(index=0) %}{{ bos_token }}{%- for message in messages if message.role != 'system' %}
    {%- if (message.role == 'user') != (ns.index % 2 == 0) and not message.tool_calls %}{{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{%- endif %}
    {%- set ns.index = ns.index + 1 %}
    {%- if message.role == 'user' %}{{- '[INST] ' + (message.content if message.content is string else message.content | map(attribute='text') | join('\\n')) + ' [/INST]' }}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}{{- '[TOOL_CALLS] [' }}{%- for c in message.tool_calls %}{%- set out = c.function | tojson %}{{- out[:-1] }}{{- ', "id": "' + c.id + '"}' }}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}{{- ']' + eos_token }}
    {%- else %}{{- ' ' + message.content | trim + eos_token }}{%- endif %}
{%- endfor %}""",
]
CHATS = {
    "chat": {},
    "tools": {"tools": [TOOL]},
    "call": {"messages": [CHAT[1], CALL, {"role": "tool", "name": "get_weather", "tool_call_id": "c1", "content": "{\"t\": 21}"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nWarm."}]},
    "thoughts": {"messages": [CHAT[1], {"role": "assistant", "reasoning_content": "\nwell\n", "content": "\n\nYes."}, CHAT[1], {"role": "assistant", "content": "<think>a</think>b"}], "add_generation_prompt": False},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]},
    "two users": {"messages": [CHAT[1], CHAT[1]]},
}


def render(template, names):
    try:
        return {"text": chat._compile_jinja_template(template).render(**names)}
    except TemplateError as error:
        return {"error": str(error)}
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        return {"error": f"{type(error).__name__}"}


if __name__ == "__main__":
    cases = [{"template": piece, "names": "chat", **render(piece, NAMES)} for piece in [*PIECES, *EDGES, *MULTI]]
    cases += [{"template": template, "names": name, **render(template, {**NAMES, **more})} for template in MULTI[-3:] for name, more in CHATS.items() if name != "chat"]
    made = {"python": sys.version.split()[0], "jinja2": jinja2.__version__, "transformers": __import__("transformers").__version__}
    json.dump({"made": made, "names": NAMES, "chats": CHATS, "cases": cases}, open(f"{here}/cases.json", "w"), ensure_ascii=False, indent=0)
    print(len(cases), "cases,", sum("error" in c for c in cases), "of them raise")
