"""The language of segments: nested all/any/none groups of conditions on people.

`rule` is the shape of a rule and knows no condition; `kinds` is the register to which each room adds its conditions (see
`fields` for those of this room); `compiling` turns a rule into SQL, `judging` asks it of one person in plain Python, `words`
says it as a sentence. A property test holds the first two together for every condition that is registered.
"""
