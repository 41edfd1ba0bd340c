"""Perception on a recorded bag that is played with simulated time.

ros2 launch rxdepth replay.launch.py bag:=DRIVE image:=/camera/image_raw camera_info:=/camera/camera_info record:=OUT

Unlike `rxdepth replay`, this drops frames when the machine cannot keep up, as on the vehicle.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    RegisterEventHandler,
    TimerAction,
)
from launch.event_handlers import OnProcessExit, OnProcessStart
from launch.events import Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.event_handlers import OnStateTransition

LAUNCH = os.path.join(get_package_share_directory('rxdepth'), 'launch')

ARGUMENTS = [
    ('rate', '1.0', 'multiple of the recorded speed'),
    ('delay', '2.0', 'time that the recorder and other subscribers get to find the outputs before the bag starts [s]'),
    ('record', '', 'bag folder for the outputs; empty: they are not recorded'),
    ('namespace', 'rxdepth', 'namespace of the node and of what it publishes'),
    ('image', '/camera/image_raw', 'image topic in the bag'),
    ('camera_info', '/camera/camera_info', 'calibration topic in the bag'),
]


def ended(event, _context):
    if event.returncode != 0:
        return [EmitEvent(event=Shutdown(reason='the bag could not be played'))]
    return []


def play(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    def number(name):
        try:
            return float(value(name))
        except ValueError:
            raise RuntimeError(f'{name}: expected `a number`, got `{value(name)}`') from None

    if not os.path.exists(value('bag')):
        raise RuntimeError(f"bag: expected `a bag`, there is none at {value('bag')}")
    # Paused, it publishes the clock that the recorder waits for; what the node publishes before anybody hears it is lost.
    player = ExecuteProcess(
        cmd=['ros2', 'bag', 'play', value('bag'), '--clock', '100', '--rate', str(number('rate')), '--start-paused'],
        output='screen',
    )
    # Asks again until the player says that it plays: on a busy machine a call may be lost.
    resume = Node(package='rxdepth', executable='resume_player', output='screen')
    actions = [
        RegisterEventHandler(OnStateTransition(goal_state='active', entities=[player])),
        RegisterEventHandler(
            OnProcessStart(
                target_action=player,
                on_start=[TimerAction(period=number('delay'), actions=[resume])],
            )
        ),
        RegisterEventHandler(OnProcessExit(target_action=resume, on_exit=ended)),
        RegisterEventHandler(
            OnProcessExit(target_action=player, on_exit=[EmitEvent(event=Shutdown(reason='the bag ended'))])
        ),
    ]
    if value('record') != '':
        recorder = ExecuteProcess(
            cmd=[
                *('ros2', 'bag', 'record', '--storage', 'mcap', '--output', value('record')),
                *('--use-sim-time', '--include-hidden-topics'),
                *('--regex', f"/{value('namespace').strip('/')}/.*|/tf_static"),
            ],
            output='screen',
        )
        actions.insert(0, recorder)
    return actions


def generate_launch_description():
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, default, description in ARGUMENTS
    ]
    perception = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(os.path.join(LAUNCH, 'perception.launch.py')),
        launch_arguments={'use_sim_time': 'true', 'autostart': 'true'}.items(),
    )
    return LaunchDescription(
        [
            DeclareLaunchArgument('bag', description='bag to play'),
            *arguments,
            OpaqueFunction(function=play),
            perception,
        ]
    )
