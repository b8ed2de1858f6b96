"""The acts of the demo, one function each, in the order in which they are played.

A new act is a function that takes the scene, and a line in ACTS.
"""

from deploy.demo.acts.answering import answer_late
from deploy.demo.acts.assessing import assess_each_other
from deploy.demo.acts.comparing import compare_with_published
from deploy.demo.acts.correcting import correct_the_past
from deploy.demo.acts.drawing import draw_pictures
from deploy.demo.acts.following import follow_log
from deploy.demo.acts.importing import import_events, load_maps
from deploy.demo.acts.looking import show_events, show_topics
from deploy.demo.acts.moving import move_people
from deploy.demo.acts.rebuilding import rebuild_register
from deploy.demo.acts.setting_aside import set_damage_aside
from deploy.demo.acts.talking import show_refusal, show_retry
from deploy.demo.scene import Act

ACTS: tuple[Act, ...] = (
    load_maps,
    import_events,
    show_topics,
    show_events,
    show_refusal,
    show_retry,
    follow_log,
    compare_with_published,
    correct_the_past,
    move_people,
    answer_late,
    assess_each_other,
    draw_pictures,
    set_damage_aside,
    rebuild_register,
)
