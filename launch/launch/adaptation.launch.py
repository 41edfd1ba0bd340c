"""A node that adapts the model to recorded drives on request, and tells the perception nodes to load what came of it.

ros2 launch rxdepth adaptation.launch.py perception_nodes:=/rxdepth/perception
ros2 service call /rxdepth/adaptation/adapt rxdepth_msgs/srv/Adapt "{bags: [/data/drive]}"
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

ARGUMENTS = [
    ('namespace', 'rxdepth', 'namespace of the node'),
    ('perception_nodes', '/rxdepth/perception', 'full names of the nodes to tell, separated by commas'),
]


def generate_launch_description():
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, default, description in ARGUMENTS
    ]
    node = Node(
        package='rxdepth',
        executable='adaptation_node',
        name='adaptation',
        namespace=LaunchConfiguration('namespace'),
        parameters=[{'perception_nodes': ParameterValue(LaunchConfiguration('perception_nodes'), value_type=str)}],
        output='screen',
        emulate_tty=True,
    )
    return LaunchDescription([*arguments, node])
