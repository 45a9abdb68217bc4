"""From points, faces and colours to something Cycles can render."""

import bpy
import numpy as np

CM = 0.01


def mesh_object(name, points, quads, colour, surface):
    """Points in centimetres; `colour` (N, 3) linear reflectance per vertex."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata((points * CM).tolist(), [], quads.tolist())
    mesh.polygons.foreach_set("use_smooth", np.ones(len(quads), bool))
    paint = mesh.attributes.new("paint", "FLOAT_COLOR", "POINT")
    paint.data.foreach_set("color", np.c_[colour, np.ones(len(points))].astype(np.float32).ravel())
    # Textures follow the cloth, so they are looked up where the vertex rested before it was posed.
    rest = mesh.attributes.new("rest", "FLOAT_VECTOR", "POINT")
    rest.data.foreach_set("vector", points.astype(np.float32).ravel())
    mesh.materials.append(surface)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def material(name, roughness, fabric=0.0, grain=0.0):
    """Painted by vertex; `fabric` (ribs) and `grain` (pores) are bump scales in centimetres."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    shader = nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = roughness
    paint = nodes.new("ShaderNodeAttribute")
    paint.attribute_name = "paint"
    link(paint.outputs["Color"], shader.inputs["Base Color"])
    if fabric or grain:
        rest = nodes.new("ShaderNodeAttribute")
        rest.attribute_name = "rest"
        bump = nodes.new("ShaderNodeBump")
        if fabric:
            texture = nodes.new("ShaderNodeTexWave")
            texture.inputs["Scale"].default_value = 0.314 / fabric
            texture.inputs["Distortion"].default_value = 1.5
            texture.inputs["Detail Scale"].default_value = 2
        else:
            texture = nodes.new("ShaderNodeTexNoise")
            texture.inputs["Scale"].default_value = 1 / grain
        bump.inputs["Strength"].default_value = 0.25
        bump.inputs["Distance"].default_value = 0.15 * CM
        link(rest.outputs["Vector"], texture.inputs["Vector"])
        link(texture.outputs[1 if fabric else 0], bump.inputs["Height"])
        link(bump.outputs["Normal"], shader.inputs["Normal"])
    return made


def blend(colour, other, amount):
    """(N, 3) colours, each moved towards `other` by its own amount."""
    return colour + (np.asarray(other) - colour) * np.asarray(amount, float)[:, None]
